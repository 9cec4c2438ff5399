import { MoonkeeperError } from '../contract/error.js'
import type { StagedFile } from '../system/staged-file.js'
import { FileChanges, type FileChangesSetup } from './file-changes.js'
import { Gate } from './gate.js'
import { listDirectory, listFiles, type Directory, type ListedFile } from './listing.js'
import { openForReading, openLog, type ReadableFile } from './reading.js'
import { placeIn, placeOf, type Root } from './request-path.js'

export interface FileRootsSetup extends FileChangesSetup {
  /** Logs that have an address of their own: where each may be, the first that is there counts. */
  readonly logs: Readonly<Record<string, () => readonly string[]>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Bytes. */
  readonly largestUpload: () => number
}

/** The files that clients may see and change. */
export class FileRoots {
  readonly changes: FileChanges

  constructor(private readonly setup: FileRootsSetup) {
    this.changes = new FileChanges(setup)
  }

  now(): number {
    return this.setup.now()
  }

  /** Of a request with an upload, in bytes. */
  get largestUpload(): number {
    return this.setup.largestUpload()
  }

  roots(): readonly Root[] {
    return this.setup.roots()
  }

  /** Whether there can be files at addresses that begin so: it is a root, or a log. */
  knows(name: string): boolean {
    return this.root(name) !== null || Object.hasOwn(this.setup.logs, name)
  }

  /** @throws bad_argument, too_large */
  async list(name: string): Promise<readonly ListedFile[]> {
    const root = this.root(name)
    const gate = root === null ? null : await this.gateOrNull(root)
    if (root === null || gate === null)
      throw new MoonkeeperError(
        'bad_argument',
        `Failed to build file list, invalid path: ${name}: ${root?.path ?? 'None'}`,
      )
    return listFiles(root.path, gate)
  }

  /** @throws bad_argument, forbidden, not_found */
  async directory(requested: string): Promise<Directory> {
    const place = placeOf(this.roots(), requested)
    return listDirectory(place, await Gate.to(place.root, this.setup.gate))
  }

  /** @throws not_found, forbidden, bad_argument */
  async open(rootName: string, relative: string): Promise<ReadableFile> {
    const root = this.root(rootName)
    if (root === null) throw new MoonkeeperError('not_found', `There is no root ${rootName}`)
    return openForReading(placeIn(root, relative), await Gate.to(root, this.setup.gate))
  }

  /** @returns null when the name is none of a log @throws not_found */
  async openLog(name: string): Promise<ReadableFile | null> {
    const places = Object.hasOwn(this.setup.logs, name) ? this.setup.logs[name]?.() : undefined
    if (places === undefined) return null
    for (const place of places) {
      const opened = await openLog(place)
      if (opened !== null) return opened
    }
    throw new MoonkeeperError('not_found', `There is no ${name} yet`)
  }

  /** For a file that is being uploaded. */
  stage(): Promise<StagedFile> {
    return this.setup.staging.create()
  }

  private root(name: string): Root | null {
    return this.roots().find((root) => root.name === name) ?? null
  }

  private gateOrNull(root: Root): Promise<Gate | null> {
    return Gate.to(root, this.setup.gate).catch(() => null)
  }
}
