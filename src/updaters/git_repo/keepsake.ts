import path from 'node:path'
import type { Files } from '../../system/files.js'
import { patchOf, type Edit } from './edits.js'
import type { Git } from './git.js'

/** Where the patches of an application are kept for its owner. */
export const patchFile = (dataFolder: string, name: string, stamp: string): string =>
  path.join(dataFolder, 'edits', name, `${stamp}.patch`)

/** git's own notes of a merge and the like, which go when the index is reset. */
const stateFiles = [
  'index',
  'MERGE_HEAD',
  'MERGE_MSG',
  'MERGE_MODE',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'ORIG_HEAD',
]

/**
 * What is put aside of a checkout before it is touched, in a folder of the operation: the index, every edited file
 * as it is, each file's patch, and a list of them that is written last.
 */
export class Keepsake {
  constructor(
    private readonly git: Git,
    private readonly gitFolder: string,
    private readonly files: Files,
    private readonly folder: string,
  ) {}

  private get list(): string {
    return path.join(this.folder, 'edits.json')
  }

  private get mark(): string {
    return path.join(this.folder, 'begun')
  }

  private get obstacle(): string {
    return path.join(this.folder, 'in-the-way')
  }

  private copyOf(edit: Edit): string {
    return path.join(this.folder, 'files', edit.path)
  }

  private patch(index: number): string {
    return path.join(this.folder, 'patches', `${index}.patch`)
  }

  /** A place for an index that only this operation uses. */
  async viewIndex(): Promise<string> {
    await this.files.makeFolder(this.folder)
    return path.join(this.folder, 'view-index')
  }

  /** Nothing was in the way: from here on what changes is git's work, and an undo may bring it back. */
  async markBegun(): Promise<void> {
    await this.files.makeFolder(this.folder)
    await this.files.writeText(this.mark, '')
  }

  async hasBegun(): Promise<boolean> {
    return (await this.files.stat(this.mark)) !== null
  }

  /** git is going to refuse before it touches anything: there will be nothing to undo. */
  async markInTheWay(): Promise<void> {
    await this.files.makeFolder(this.folder)
    await this.files.writeText(this.obstacle, '')
  }

  async isInTheWay(): Promise<boolean> {
    return (await this.files.stat(this.obstacle)) !== null
  }

  /** Once an operation: what was kept first is what was there. */
  async keepIndex(): Promise<void> {
    const kept = path.join(this.folder, 'git')
    if ((await this.files.stat(kept)) !== null) return
    await this.files.makeFolder(kept)
    for (const name of stateFiles) {
      const file = path.join(this.gitFolder, name)
      if ((await this.files.stat(file)) !== null) await this.files.copyEntry(file, path.join(kept, name))
    }
  }

  /** Puts the index and git's notes back as they were. @returns false when no index was kept */
  async restoreIndex(): Promise<boolean> {
    const kept = path.join(this.folder, 'git')
    const names = (await this.files.list(kept))
      .map((entry) => entry.name)
      .filter((name) => stateFiles.includes(name))
    for (const name of names)
      await this.files.copyEntry(path.join(kept, name), path.join(this.gitFolder, name))
    return names.includes('index')
  }

  /**
   * @param view sees the edits
   * @param keptPatch where all edits go as one patch, for the owner
   */
  async keepEdits(view: Git, edits: readonly Edit[], keptPatch: string): Promise<void> {
    const patches: Buffer[] = []
    await this.files.makeFolder(path.join(this.folder, 'patches'))
    for (const [index, edit] of edits.entries()) {
      if (edit.present) await this.files.copyEntry(this.git.path(edit.path), this.copyOf(edit))
      const patch = await patchOf(view, edit)
      await this.files.writeBytes(this.patch(index), patch)
      patches.push(patch)
    }
    if (edits.length > 0) {
      await this.files.makeFolder(path.dirname(keptPatch))
      await this.files.writeBytes(keptPatch, Buffer.concat(patches))
    }
    await this.files.writeText(this.list, JSON.stringify(edits))
  }

  async edits(): Promise<readonly Edit[]> {
    const text = await this.files.readText(this.list)
    return text === null ? [] : (JSON.parse(text) as Edit[])
  }

  /** Puts every edited file back as it was, byte for byte. */
  async restoreEdits(): Promise<void> {
    for (const edit of await this.edits()) {
      if (edit.present) await this.files.copyEntry(this.copyOf(edit), this.git.path(edit.path))
      else await this.files.remove(this.git.path(edit.path))
    }
  }

  /** Applies each file's patch to what is checked out in some folder. @returns the files whose patch did not apply */
  async applyPatches(git: Git): Promise<readonly string[]> {
    const failed: string[] = []
    for (const [index, edit] of (await this.edits()).entries()) {
      const result = await git.attempt(['apply', '--whitespace=nowarn', this.patch(index)])
      if (result.code !== 0) failed.push(edit.path)
    }
    return failed
  }
}
