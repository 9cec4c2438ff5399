import type { Step } from '../../contract.js'
import { keepsakeOf, type Checkout } from '../checkout.js'
import { patchFile, readEdits } from '../edits.js'
import { limits } from '../git.js'

/** Keeps the index, so that an undo can bring it back exactly. */
export const keepIndexStep = (checkout: Checkout): Step => ({
  name: 'keep index',
  async run(context) {
    await keepsakeOf(checkout, context).keepIndex()
  },
})

/** Keeps index and local edits: copies for the undo, a patch for the owner. */
export const keepEditsStep = (checkout: Checkout, stamp: string): Step => {
  const kept = patchFile(checkout.outside.dataFolder, checkout.name, stamp)
  return {
    name: 'keep edits',
    async run(context) {
      const keepsake = keepsakeOf(checkout, context)
      await keepsake.keepIndex()
      const edits = await readEdits(checkout.git)
      await keepsake.keepEdits(edits, kept)
      if (edits.length === 0) return
      context.progress(
        `Git Repo ${checkout.name}: Local edits of ${edits.map((edit) => edit.path).join(', ')} are kept in ${kept}`,
      )
    },
    // When all is as it was, the edits are back in their files.
    undo: () => checkout.outside.files.remove(kept),
  }
}

/** Makes the tree clean: edited files are as in HEAD. */
export const setEditsAsideStep = (checkout: Checkout): Step => ({
  name: 'set edits aside',
  async run(context) {
    const edits = await keepsakeOf(checkout, context).edits()
    if (edits.length === 0) return
    await checkout.git.run(['reset', '-q', 'HEAD', '--'], {
      title: 'reset',
      timeout: limits.read,
      signal: context.signal,
    })
    const paths = edits.filter((edit) => edit.inHead).map((edit) => `${edit.path}\0`)
    await checkout.git.run(['checkout-index', '-f', '-z', '--stdin'], {
      input: paths.join(''),
      signal: context.signal,
    })
    await checkout.git.attempt(['update-index', '-q', '--refresh'])
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
    const failed = await keepsakeOf(checkout, context).applyPatches()
    if (failed.length === 0) return
    const kept = patchFile(checkout.outside.dataFolder, checkout.name, stamp)
    context.progress(
      `Git Repo ${checkout.name}: The local edits of ${failed.join(', ')} do not fit this version. They are kept in ${kept}`,
    )
  },
})
