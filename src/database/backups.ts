import path from 'node:path'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import { timestamp } from '../contract/timestamp.js'
import type { Clock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import type { Database } from './database.js'
import { marker } from './moonraker-items.js'
import { header, readRecords } from './record-file.js'
import type { Records } from './records.js'
import { isSqlite, readSqlite } from './sqlite.js'

export interface BackupSetup {
  /** compat: where Moonraker's are, too. */
  readonly folder: string
  readonly database: Database
  readonly files: Files
  readonly commands: Commands
  readonly clock: Clock
}

/** What was there before the last restore. */
const before = 'before-last-restore.db'

/** With room for the name of the file beside it that is written first. */
const longestName = 200

/** Copies of the database, in a folder that Moonraker's backups are in, too. */
export class Backups {
  private turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly setup: BackupSetup) {}

  async list(): Promise<readonly string[]> {
    const entries = await this.setup.files.list(this.setup.folder)
    return entries
      .filter(({ name, kind }) => kind === 'file' && !name.endsWith('.moonkeeper-tmp'))
      .map(({ name }) => name)
  }

  /**
   * @param name null for one with the time in it. One of that name is replaced when Moonkeeper made it.
   * @returns its path
   * @throws bad_argument, refused, no_space
   */
  make(name: string | null): Promise<string> {
    const file = this.fileOf(name ?? `moonkeeper-backup-${timestamp(this.setup.clock.now())}.db`)
    return this.inTurn(() => this.write(file))
  }

  private async write(file: string): Promise<string> {
    const { files, folder, database } = this.setup
    if ((await files.stat(file)) !== null && !(await this.isOurs(file)))
      throw new MoonkeeperError(
        'refused',
        `${path.basename(file)} exists and is not a backup of Moonkeeper's: choose another name`,
      )
    try {
      await files.makeFolder(folder)
      await files.writeBytes(file, database.content())
    } catch (thrown) {
      throw asMoonkeeperError(thrown)
    }
    return file
  }

  /** @returns its path @throws bad_argument, not_found */
  remove(name: string): Promise<string> {
    const file = this.fileOf(name)
    return this.inTurn(async () => {
      const found = await this.setup.files.stat(file)
      if (found === null || found.isDirectory())
        throw new MoonkeeperError('not_found', `Backup file ${name} does not exist`)
      await this.setup.files.remove(file)
      return file
    })
  }

  /**
   * Makes a backup the database. What was there before is a backup then, so that it can be taken back.
   * @returns the namespaces it brought
   * @throws bad_argument, not_found, refused, command_failed, no_space
   */
  restore(name: string): Promise<readonly string[]> {
    const file = this.fileOf(name)
    return this.inTurn(async () => {
      const records = await this.read(file)
      const names = records.names()
      // What its user deleted since it was taken over from Moonraker does not come back.
      if (records.text(marker.namespace, marker.record) === undefined)
        records.apply({ namespace: marker.namespace, key: marker.record, text: 'null' })
      await this.write(this.fileOf(before))
      await this.setup.database.replace(records)
      return names
    })
  }

  private async read(file: string): Promise<Records> {
    const { files, commands } = this.setup
    if ((await files.stat(file))?.isFile() !== true)
      throw new MoonkeeperError('not_found', `Restoration File ${file} does not exist`)
    if (await isSqlite(file, files)) return (await readSqlite(file, commands)).records
    if (await this.isOurs(file)) {
      const { records, unreadable, size, whole } = await readRecords(file, files)
      if (unreadable === 0 && size === whole) return records
    }
    throw new MoonkeeperError('refused', `${file} is no backup, or it is damaged. Nothing was restored.`)
  }

  /** One after another: two may be about the same file. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(work)
    this.turn = turn.catch(() => undefined)
    return turn
  }

  private async isOurs(file: string): Promise<boolean> {
    // A pipe of that name would be waited for.
    if ((await this.setup.files.stat(file))?.isFile() !== true) return false
    const begin = await this.setup.files.readRange(file, 0, header.length)
    return begin.toString('latin1') === header
  }

  /** Names, not paths: nothing outside of the folder is meant. @throws bad_argument */
  private fileOf(name: string): string {
    const plain = /^[^/\0.][^/\0]*$/.test(name) && Buffer.byteLength(name) <= longestName
    if (!plain) throw new MoonkeeperError('bad_argument', `Invalid name ${name}.`)
    return path.join(this.setup.folder, name)
  }
}
