import path from 'node:path'
import { detail } from '../../detail.js'
import type { Step, StepContext } from '../../contract.js'
import { keepsakeOf, type Checkout, type Route } from '../checkout.js'
import { noteAdded, readEdits, refuseOdd, viewAgainstHead, type Edit } from '../edits.js'
import { limits } from '../git.js'
import { patchFile } from '../keepsake.js'
import { keepLostCommits, lostCommitsFile } from '../local-commits.js'

const stagedPatch = (kept: string): string => kept.replace(/\.patch$/, '.staged.patch')

/** What is staged and differs from the files would be told by no patch of the files. */
const keepStaged = async (checkout: Checkout, kept: string): Promise<void> => {
  const { git, outside } = checkout
  const same = await git.attempt(['diff', '--quiet', '--ignore-submodules=all', '--'])
  if (same.code === 0) return
  const staged = await git.attempt(['diff', '--cached', '--binary', '--no-color', 'HEAD', '--'], {
    maxOutput: 1024 ** 3,
    timeout: limits.transfer,
  })
  if (staged.code !== 0 || staged.stdout.length === 0) return
  await outside.files.makeFolder(path.dirname(kept))
  await outside.files.writeBytes(stagedPatch(kept), staged.stdout)
}

const tellEdits = (checkout: Checkout, context: StepContext, edits: readonly Edit[], kept: string): void => {
  if (edits.length === 0) return
  const names = edits.map((edit) => edit.path).join(', ')
  context.progress(detail(`Git Repo ${checkout.name}: Local edits of ${names} are kept in ${kept}`))
}

/** Keeps index, local edits and local commits: copies for the undo, a patch and a bundle for the owner. */
export const keepEditsStep = (checkout: Checkout, route: Route, stamp: string): Step => {
  const { git, gitFolder, name, outside } = checkout
  const kept = patchFile(outside.dataFolder, name, stamp)
  return {
    name: 'keep edits',
    async run(context) {
      const keepsake = keepsakeOf(checkout, context)
      await keepsake.keepIndex()
      const view = await viewAgainstHead(git, gitFolder, await keepsake.viewIndex())
      await noteAdded(git, view)
      const found = await readEdits(view, outside.files)
      refuseOdd(name, found)
      await keepsake.keepEdits(view, found.edits, kept)
      await keepStaged(checkout, kept)
      tellEdits(checkout, context, found.edits, kept)
      const bundle = await keepLostCommits(checkout, route, stamp)
      if (bundle !== null)
        context.progress(
          detail(`Git Repo ${name}: Commits that only this checkout has are kept in ${bundle}`),
        )
    },
    // When all is as it was, the edits are back in their files and the commits in their branches.
    async undo() {
      await outside.files.remove(kept)
      await outside.files.remove(stagedPatch(kept))
      await outside.files.remove(lostCommitsFile(checkout, stamp))
    },
  }
}

const forget = async (checkout: Checkout, edits: readonly Edit[]): Promise<void> => {
  for (const edit of edits) {
    if (!edit.inHead) await checkout.outside.files.remove(checkout.git.path(edit.path))
  }
}

/** Makes the tree clean: edited files are as in HEAD. */
export const setEditsAsideStep = (checkout: Checkout): Step => ({
  name: 'set edits aside',
  async run(context) {
    const { git } = checkout
    const edits = await keepsakeOf(checkout, context).edits()
    const input = edits
      .filter((edit) => edit.inHead)
      .map((edit) => `${edit.path}\0`)
      .join('')
    await git.attempt(['update-index', '--no-assume-unchanged', '-z', '--stdin'], { input })
    await git.attempt(['update-index', '--no-skip-worktree', '-z', '--stdin'], { input })
    await git.run(['reset', '-q', 'HEAD', '--'], {
      title: 'reset',
      timeout: limits.transfer,
      signal: context.signal,
    })
    await git.run(['checkout-index', '-f', '-z', '--stdin'], { input, signal: context.signal })
    await forget(checkout, edits)
    await git.attempt(['update-index', '-q', '--refresh'])
  },
  async undo(context) {
    const keepsake = keepsakeOf(checkout, context)
    await keepsake.restoreEdits()
    await keepsake.restoreIndex()
  },
})

/** Applies the kept edits to the version that is here now; names what could not be put back. */
export const putEditsBackStep = (checkout: Checkout, stamp: string): Step => ({
  name: 'put edits back',
  async run(context) {
    const failed = await keepsakeOf(checkout, context).applyPatches(checkout.git)
    if (failed.length === 0) return
    const kept = patchFile(checkout.outside.dataFolder, checkout.name, stamp)
    context.progress(
      detail(
        `Git Repo ${checkout.name}: The local edits of ${failed.join(', ')} do not fit this version. They are kept in ${kept}`,
      ),
    )
  },
})
