import type { Step } from '../../contract.js'
import type { Checkout } from '../checkout.js'
import { GitError, limits } from '../git.js'

/** Brings the submodules that are in use to the commits that the version names. Edited ones are left as they are. */
const update = async (checkout: Checkout, signal?: AbortSignal): Promise<void> => {
  const { git, outside } = checkout
  if ((await outside.files.stat(git.path('.gitmodules'))) === null) return
  const args = ['submodule', 'update', '--recursive']
  const result = await git.attempt(args, { timeout: limits.transfer, stall: limits.stall, signal })
  if (result.code !== 0) throw new GitError('submodule update', result)
}

export const submodulesStep = (checkout: Checkout): Step => ({
  name: 'submodules',
  run: (context) => update(checkout, context.signal),
})

/** First in a plan: its undo comes when the old version is back. Its submodules are here already, without the network. */
export const guardSubmodulesStep = (checkout: Checkout): Step => ({
  name: 'guard submodules',
  run: () => Promise.resolve(),
  async undo(context) {
    if (context.begun('submodules')) await update(checkout)
  },
})
