import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { Backups } from '../database/backups.js'
import { Database } from '../database/database.js'
import { Items } from '../database/items.js'
import { takeOverItems } from '../database/moonraker-items.js'
import type { DatabaseFacts } from '../methods/context.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import { systemFiles } from '../system/files.js'
import type { Log } from '../system/log.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'

export interface DatabaseSources {
  /** Moonkeeper's own. */
  readonly dataFolder: string
  /** The printer's. */
  readonly dataPath: string
  readonly commands: Commands
  readonly notices: Notices
  readonly log: Log
}

/** compat: an id for this machine's server, kept for ever. Moonraker's is in this file. */
const giveId = async (database: Database, dataPath: string): Promise<void> => {
  if (database.read('moonraker', 'instance_id') !== undefined) return
  const known = (await systemFiles.readText(path.join(dataPath, '.moonraker.uuid')))?.trim() ?? ''
  const id = /^[0-9a-f]{32}$/.test(known) ? known : randomUUID().replaceAll('-', '')
  await database.change((transaction) => transaction.write('moonraker', 'instance_id', id))
}

/** The database, and its life. */
export const createDatabase = (sources: DatabaseSources): DatabaseFacts & { readonly part: Part } => {
  const { dataFolder, dataPath, commands, notices, log } = sources
  const shared = { files: systemFiles, clock: systemClock, log, commands }
  const warn = (text: string): void => notices.add('database', text)
  const store = new Database({ ...shared, folder: path.join(dataFolder, 'database'), warn })
  const moonraker = path.join(dataPath, 'database/moonraker-sql.db')
  const part = {
    start: async () => {
      await store.open()
      await takeOverItems({ ...shared, file: moonraker, database: store, warn })
      await giveId(store, dataPath).catch((err: unknown) => log.warn({ err }, 'no instance id was kept'))
    },
    stop: () => store.close(),
  }
  const backups = new Backups({ ...shared, folder: path.join(dataPath, 'backup/database'), database: store })
  return { store, items: new Items(store), backups, part }
}
