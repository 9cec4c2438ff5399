import path from 'node:path'
import type { TestContext } from 'node:test'
import { Backups } from '../../src/database/backups.js'
import { Database } from '../../src/database/database.js'
import { Items } from '../../src/database/items.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { temporaryFolder } from './folder.js'
import { fakeLog, type LogLine } from './rpc.js'
import { realCommands } from './surroundings.js'

export interface DatabaseBench {
  /** Of the machine; the database's file is in `store` there, its backups in `backups`. */
  readonly folder: string
  readonly store: Database
  readonly items: Items
  readonly backups: Backups
  readonly warnings: string[]
  readonly log: readonly LogLine[]
  readonly file: string
  /** What the next start finds. */
  reopened(files?: Files): Promise<DatabaseBench>
}

const openBench = async (folder: string, files: Files): Promise<DatabaseBench> => {
  const warnings: string[] = []
  const log = fakeLog()
  const shared = { files, clock: systemClock, log, commands: await realCommands() }
  const store = new Database({
    ...shared,
    folder: path.join(folder, 'store'),
    warn: (text) => warnings.push(text),
  })
  await store.open()
  const backups = new Backups({ ...shared, folder: path.join(folder, 'backups'), database: store })
  const reopened = async (next = files): Promise<DatabaseBench> => {
    await store.close()
    return openBench(folder, next)
  }
  return {
    folder,
    store,
    items: new Items(store),
    backups,
    warnings,
    log: log.lines,
    file: store.file,
    reopened,
  }
}

/** A database on the disk, with nothing in it. */
export const makeDatabase = async (
  t: Pick<TestContext, 'after'>,
  files: Files = systemFiles,
): Promise<DatabaseBench> => openBench(await temporaryFolder(t), files)
