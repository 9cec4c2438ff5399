import path from 'node:path'
import type { Step, StepContext } from '../../contract.js'
import type { Checkout } from '../checkout.js'
import { GitError, limits } from '../git.js'

/** Brings the submodules that are in use to the commits that the version names. Edited ones are left as they are. */
const update = async ({ git }: Checkout, signal?: AbortSignal): Promise<void> => {
  const args = ['submodule', 'update', '--recursive']
  const result = await git.attempt(args, { timeout: limits.transfer, stall: limits.stall, signal })
  if (result.code !== 0) throw new GitError('submodule update', result)
}

const hasSubmodules = async ({ git, outside }: Checkout): Promise<boolean> =>
  (await outside.files.stat(git.path('.gitmodules'))) !== null

/** Says that they may have been moved. */
const markIn = ({ workFolder }: StepContext): string => path.join(workFolder, 'submodules')

/** Most have none: then nothing is written down either. */
export const submodulesStep = (checkout: Checkout): Step => ({
  name: 'submodules',
  traceless: true,
  async run(context) {
    if (!(await hasSubmodules(checkout))) return
    const { files } = checkout.outside
    await files.makeFolder(context.workFolder)
    await files.writeText(markIn(context), '')
    await update(checkout, context.signal)
  },
})

/** First in a plan: its undo comes when the old version is back. Its submodules are here already, without the network. */
export const guardSubmodulesStep = (checkout: Checkout): Step => ({
  name: 'guard submodules',
  async undo(context) {
    if ((await checkout.outside.files.stat(markIn(context))) === null) return
    if (await hasSubmodules(checkout)) await update(checkout)
  },
})
