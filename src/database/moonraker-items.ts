import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { asMoonkeeperError } from '../contract/error.js'
import type { Database } from './database.js'
import type { Records } from './records.js'
import { readSqlite } from './sqlite.js'

export interface TakeoverSetup {
  /** Moonraker's database; it is only read. */
  readonly file: string
  readonly database: Database
  readonly files: Files
  readonly commands: Commands
  readonly log: Log
  /** For server.info. */
  readonly warn: (text: string) => void
}

/** Where it is written down that it was done, so that it is done once. */
export const marker = { namespace: 'database', record: 'taken_over_from' } as const

/** What is there already stays. */
const takeOver = (database: Database, records: Records | null, file: string): Promise<number> =>
  database.change((transaction) => {
    let taken = 0
    for (const { namespace, key, text } of records?.all() ?? []) {
      if (text === null || transaction.read(namespace, key) !== undefined) continue
      transaction.writeText(namespace, key, text)
      taken += 1
    }
    transaction.write(marker.namespace, marker.record, records === null ? null : file)
    return taken
  })

/**
 * At the first start: takes over the items that Moonraker left, such as the settings of the front ends. When they cannot
 * be read, that is a warning, and the next start tries again.
 */
export const takeOverItems = async (setup: TakeoverSetup): Promise<void> => {
  const { file, database, files, commands, log, warn } = setup
  if (database.read(marker.namespace, marker.record) !== undefined) return
  try {
    const found = (await files.stat(file)) === null ? null : await readSqlite(file, commands)
    const taken = await takeOver(database, found?.records ?? null, file)
    if (found !== null)
      log.info({ file, taken, unreadable: found.unreadable }, "took over the items of Moonraker's database")
  } catch (thrown) {
    const { message } = asMoonkeeperError(thrown)
    log.warn({ err: thrown }, "Moonraker's database was not taken over")
    warn(`The settings in Moonraker's database were not taken over, front ends begin anew. ${message}`)
  }
}
