import path from 'node:path'
import type { Step } from '../../contract.js'
import { keepsakeOf, type Checkout } from '../checkout.js'

/** A damaged index is built again from HEAD; what was staged in it is in the files all the same. */
export const rebuildIndexStep = (checkout: Checkout): Step => ({
  name: 'rebuild index',
  async run(context) {
    await keepsakeOf(checkout, context).keepIndex()
    await checkout.outside.files.remove(path.join(checkout.gitFolder, 'index'))
    await checkout.git.run(['read-tree', 'HEAD'])
  },
  undo: async (context) => {
    await keepsakeOf(checkout, context).restoreIndex()
  },
})

/** The primary branch tracks its remote again. Harmless to leave behind. */
export const trackStep = (checkout: Checkout): Step => ({
  name: 'track',
  async run() {
    const branch = checkout.options.primary_branch
    const remote = await checkout.git.attempt(['config', '--get', `branch.${branch}.remote`])
    if (remote.code === 0) return
    await checkout.git.run(['config', `branch.${branch}.remote`, 'origin'])
    await checkout.git.run(['config', `branch.${branch}.merge`, `refs/heads/${branch}`])
  },
})

/** Ends a merge, rebase or cherry-pick that was left half done. The files are right already. */
export const tidyStep = (checkout: Checkout): Step => ({
  name: 'tidy',
  async run() {
    await checkout.git.attempt(['rebase', '--quit'])
    await checkout.git.attempt(['merge', '--quit'])
    await checkout.git.attempt(['cherry-pick', '--quit'])
  },
})
