import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { makeFolderIn, removeFileIn, removeFolderIn, whilePinned, type Pinned } from '../system/pinned.js'
import type { Staging } from '../system/staged-file.js'
import { asChangeError } from './change-error.js'
import {
  copyFile,
  copyFolder,
  destinationFor,
  makeParents,
  moveEntry,
  putFile,
  removeTree,
} from './entries.js'
import { changeOf, type FileChange } from './file-change.js'
import { Gate, type GateSetup } from './gate.js'
import { placeIn, placeOf, type Place, type Root } from './request-path.js'
import { whileTarget, whileWritten } from './target.js'
import { packFiles } from './zip-files.js'

export interface FileChangesSetup {
  readonly roots: () => readonly Root[]
  readonly gate: GateSetup
  readonly staging: Staging
  /** Told of every change; the next one waits for it. */
  readonly changed: (change: FileChange) => void | Promise<void>
}

type Work = (place: Place, gate: Gate) => Promise<FileChange>

const readOnly = (what: string): MoonkeeperError => new MoonkeeperError('refused', what)

const missing = ({ path: at }: Place): MoonkeeperError =>
  new MoonkeeperError('refused', `File ${at} does not exist`)

/** Changes of the files in the roots, one at a time: old or new, and on the disk when the promise resolves. */
export class FileChanges {
  private turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly setup: FileChangesSetup) {}

  /** @throws bad_argument, refused, read_only, forbidden, no_space */
  makeDirectory(requested: string): Promise<FileChange> {
    return this.inTurn(this.placeOf(requested), async (place, gate) => {
      await whileTarget(place, gate, ({ folder, name }) => makeFolderIn(folder, name))
      return changeOf('create_dir', place, gate)
    })
  }

  /** @param force also when there is something in it @throws bad_argument, refused, read_only, forbidden */
  deleteDirectory(requested: string, force: boolean): Promise<FileChange> {
    return this.inTurn(this.placeOf(requested), async (place, gate) => {
      if (!place.root.writable) throw new MoonkeeperError('read_only', 'Operation Not Supported')
      if (place.relative === '') throw new MoonkeeperError('bad_argument', 'Cannot delete root directory')
      await whileTarget(place, gate, async (target) => {
        if (target.existing?.isDirectory() !== true)
          throw new MoonkeeperError('bad_argument', `Directory does not exist (${requested})`)
        if (force) await removeTree(target, this.setup.staging)
        else await removeFolderIn(target.folder, target.name)
      })
      return changeOf('delete_dir', place, gate)
    })
  }

  /** Of a symlink, the symlink. @throws bad_argument, read_only, forbidden */
  deleteFile(requested: string): Promise<FileChange> {
    return this.inTurn(this.placeOf(requested), async (place, gate) => {
      if (!place.root.writable)
        throw new MoonkeeperError('read_only', `Path not available for DELETE: ${requested}`)
      const invalid = new MoonkeeperError('bad_argument', `Invalid file path: ${requested}`)
      if (place.relative === '') throw invalid
      await whileTarget(place, gate, async ({ folder, name, existing }) => {
        if (existing === null || existing.isDirectory()) throw invalid
        await removeFileIn(folder, name)
      })
      return changeOf('delete_file', place, gate)
    })
  }

  /** @throws bad_argument, refused, forbidden */
  move(source: string, destination: string): Promise<FileChange> {
    const from = this.placeOf(source)
    return this.inTurn(this.placeOf(destination), async (asked, gate) => {
      if (!asked.root.writable) throw readOnly(`Destination path is read-only: ${asked.root.name}`)
      if (!from.root.writable) throw readOnly(`Source path is read-only, cannot move: ${from.root.name}`)
      return whileTarget(from, await this.gateTo(from.root), async (old) => {
        if (old.existing === null) throw missing(from)
        const place = await destinationFor(asked, gate, old.name)
        await whileTarget(place, gate, (target) => moveEntry(old, target))
        return changeOf(old.existing.isDirectory() ? 'move_dir' : 'move_file', place, gate, from)
      })
    })
  }

  /** @throws bad_argument, refused, forbidden, no_space */
  copy(source: string, destination: string): Promise<FileChange> {
    const from = this.placeOf(source)
    return this.inTurn(this.placeOf(destination), async (asked, gate) => {
      if (!asked.root.writable) throw readOnly(`Destination path is read-only: ${asked.root.name}`)
      const sourceGate = await this.gateTo(from.root)
      const change = await whilePinned(from.path, async (pinned) => {
        sourceGate.refuseReading(pinned.realPath)
        if (pinned.stats.isDirectory()) return this.copyFolder(pinned, sourceGate, asked, gate)
        if (pinned.stats.isFile()) return this.copyFile(pinned, from, asked, gate)
        throw missing(from)
      })
      if (change === null) throw missing(from)
      return change
    })
  }

  /**
   * @param items files, and folders whose files (but not folders) are packed
   * @param store without compression
   * @throws bad_argument, refused, forbidden, too_large, no_space
   */
  zip(destination: string, items: readonly string[], store: boolean): Promise<FileChange> {
    const places = items.map((item) => this.placeOf(item))
    return this.inTurn(this.placeOf(destination), async (place, gate) => {
      if (!place.root.writable) throw readOnly(`Destination Root '${place.root.name}' is read-only`)
      if (places.length === 0)
        throw new MoonkeeperError('bad_argument', 'At least one file or directory must be specified')
      const staged = await this.setup.staging.create()
      try {
        await packFiles(places, this.setup.gate, staged, store)
        await staged.finish()
        return await this.put(staged.path, place, gate)
      } finally {
        await staged.discard()
      }
    })
  }

  /**
   * Gives an uploaded file its place; folders on the way there are made.
   * @param file on the disk already
   * @throws bad_argument, refused, forbidden, no_space
   */
  async upload(file: string, rootName: string, relative: string): Promise<FileChange> {
    const root = this.setup.roots().find(({ name }) => name === rootName)
    if (root === undefined) throw new MoonkeeperError('bad_argument', `Root ${rootName} not available`)
    if (!root.writable) throw new MoonkeeperError('refused', `Invalid root request: ${rootName}`)
    return this.inTurn(placeIn(root, relative), async (place, gate) => {
      await makeParents(place, gate)
      return this.put(file, place, gate)
    })
  }

  /** Runs something while nothing is changed. @throws what it throws */
  undisturbed(work: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(work)
    this.turn = turn.catch(() => undefined)
    return turn
  }

  private async put(file: string, place: Place, gate: Gate): Promise<FileChange> {
    const replaced = await whileWritten(place, gate, (target) => putFile(file, target))
    return changeOf(replaced ? 'modify_file' : 'create_file', place, gate)
  }

  private async copyFolder(from: Pinned, fromGate: Gate, place: Place, gate: Gate): Promise<FileChange> {
    await whileTarget(place, gate, (target) => copyFolder(from, target, fromGate, this.setup.staging))
    return changeOf('create_dir', place, gate)
  }

  private async copyFile(pinned: Pinned, from: Place, asked: Place, gate: Gate): Promise<FileChange> {
    const place = await destinationFor(asked, gate, path.basename(from.path))
    const replaced = await whileWritten(place, gate, (to) => copyFile(pinned, to, this.setup.staging))
    return changeOf(replaced ? 'modify_file' : 'create_file', place, gate)
  }

  private placeOf(requested: string): Place {
    return placeOf(this.setup.roots(), requested)
  }

  private gateTo(root: Root): Promise<Gate> {
    return Gate.to(root, this.setup.gate)
  }

  private inTurn(place: Place, work: Work): Promise<FileChange> {
    const turn = this.turn.then(async () => {
      try {
        const change = await work(place, await this.gateTo(place.root))
        await this.setup.changed(change)
        return change
      } catch (thrown) {
        throw asChangeError(thrown, `${place.root.name}/${place.relative}`)
      }
    })
    this.turn = turn.catch(() => undefined)
    return turn
  }
}
