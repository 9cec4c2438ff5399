import path from 'node:path'
import type { Files } from '../../system/files.js'
import { absentMode } from './changes.js'
import type { Git } from './git.js'

/** A tracked file that was edited, and how: against HEAD. */
export interface Edit {
  readonly path: string
  /** It is in HEAD. */
  readonly inHead: boolean
  /** It is in the working tree. */
  readonly present: boolean
}

/** All local edits of tracked files, staged or not. @throws GitError */
export const readEdits = async (git: Git): Promise<readonly Edit[]> => {
  // Without this, files whose times changed would look edited.
  await git.attempt(['update-index', '-q', '--refresh'])
  const parts = await git.readList(['diff-index', '-z', '--raw', '--no-renames', 'HEAD', '--'])
  const edits: Edit[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [headMode = '', , , , status = ''] = (parts[i] ?? '').slice(1).split(' ')
    edits.push({ path: parts[i + 1] ?? '', inHead: headMode !== absentMode, present: status !== 'D' })
  }
  return edits
}

/** The edits of one file as a patch. */
export const patchOf = async (git: Git, edit: Edit): Promise<Buffer> => {
  const args = [
    'diff',
    '--binary',
    '--full-index',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    'HEAD',
    '--',
    edit.path,
  ]
  const result = await git.run(args, { env: { GIT_LITERAL_PATHSPECS: '1', GIT_OPTIONAL_LOCKS: '0' } })
  return result.stdout
}

/** Where the patches of an application are kept for its owner. */
export const patchFile = (dataFolder: string, name: string, stamp: string): string =>
  path.join(dataFolder, 'edits', name, `${stamp}.patch`)

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

  private get indexCopy(): string {
    return path.join(this.folder, 'index')
  }

  private get list(): string {
    return path.join(this.folder, 'edits.json')
  }

  private copyOf(edit: Edit): string {
    return path.join(this.folder, 'files', edit.path)
  }

  private patchFile(index: number): string {
    return path.join(this.folder, 'patches', `${index}.patch`)
  }

  /** Once an operation: what was kept first is what was there. */
  async keepIndex(): Promise<void> {
    if ((await this.files.stat(this.indexCopy)) !== null) return
    const index = path.join(this.gitFolder, 'index')
    if ((await this.files.stat(index)) !== null) await this.files.copyEntry(index, this.indexCopy)
  }

  /** Puts the index back as it was. @returns false when none was kept */
  async restoreIndex(): Promise<boolean> {
    if ((await this.files.stat(this.indexCopy)) === null) return false
    await this.files.copyEntry(this.indexCopy, path.join(this.gitFolder, 'index'))
    return true
  }

  /** @param keptPatch where all edits go as one patch, for the owner */
  async keepEdits(edits: readonly Edit[], keptPatch: string): Promise<void> {
    const patches: Buffer[] = []
    for (const [index, edit] of edits.entries()) {
      if (edit.present) await this.files.copyEntry(this.git.path(edit.path), this.copyOf(edit))
      const patch = await patchOf(this.git, edit)
      await this.files.makeFolder(path.dirname(this.patchFile(index)))
      await this.files.writeBytes(this.patchFile(index), patch)
      patches.push(patch)
    }
    if (edits.length > 0) {
      await this.files.makeFolder(path.dirname(keptPatch))
      await this.files.writeBytes(keptPatch, Buffer.concat(patches))
    }
    await this.files.makeFolder(this.folder)
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

  /** Applies each file's patch to whatever is checked out now. @returns the files whose patch did not apply */
  async applyPatches(git: Git = this.git): Promise<readonly string[]> {
    const failed: string[] = []
    for (const [index, edit] of (await this.edits()).entries()) {
      const result = await git.attempt(['apply', '--whitespace=nowarn', this.patchFile(index)])
      if (result.code !== 0) failed.push(edit.path)
    }
    return failed
  }
}
