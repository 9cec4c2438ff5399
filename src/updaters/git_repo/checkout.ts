import type { StepContext, UpdaterSurroundings } from '../contract.js'
import { readChanges, restoreFiles } from './changes.js'
import { Keepsake } from './edits.js'
import type { Git } from './git.js'
import { setHead, type Place } from './head.js'
import { locate } from './location.js'
import { removeStaleLocks } from './lock.js'
import type { GitRepoOptions } from './options.js'

/** A checkout that steps work on. */
export interface Checkout {
  readonly name: string
  readonly options: GitRepoOptions
  readonly git: Git
  readonly gitFolder: string
  readonly outside: UpdaterSurroundings
}

export const keepsakeOf = (checkout: Checkout, context: StepContext): Keepsake =>
  new Keepsake(checkout.git, checkout.gitFolder, checkout.outside.files, context.workFolder)

/** Everything written so far is on the disk when this ends. git's own data already is; working files are not. */
export const settle = async (checkout: Checkout, folder = checkout.git.folder): Promise<void> => {
  const { commands } = checkout.outside
  const result = await commands.run(['sync', '-f', folder], { timeout: 300_000 })
  if (result.code !== 0) await commands.run(['sync'], { timeout: 300_000 })
}

/**
 * Brings files, index and HEAD back from `there` to `back`, wherever a switch between them was interrupted.
 * Local edits are left as they are. Idempotent.
 */
export const switchBack = async (
  checkout: Checkout,
  context: StepContext,
  back: Place,
  there: Place,
): Promise<void> => {
  const { git, outside } = checkout
  const location = await locate(git.folder, outside.files)
  await removeStaleLocks([location.gitFolder, location.commonFolder], outside.files)
  const keepsake = keepsakeOf(checkout, context)
  const edited = new Set((await keepsake.edits()).map((edit) => edit.path))
  if (!(await keepsake.restoreIndex())) await git.run(['read-tree', back.commit])
  await restoreFiles(git, outside.files, await readChanges(git, back.commit, there.commit), 'from', edited)
  await setHead(git, back)
  await git.attempt(['update-index', '-q', '--refresh'])
  await settle(checkout)
}
