import type { Step, StepContext } from '../../contract.js'
import { sideBySide } from '../../side-by-side.js'
import type { Checkout } from '../checkout.js'
import { dropKeptRef, keepVersion } from '../kept-refs.js'
import { locate } from '../location.js'
import { removeStaleLocks } from '../lock.js'
import type { GitRepoState } from '../state.js'

type Kept = GitRepoState['kept']

/**
 * The version that is left can be had again without the network.
 * @param beside what else is looked at or kept meanwhile; an undo of it is not needed
 */
export const keepVersionStep = (
  checkout: Checkout,
  state: GitRepoState,
  commit: string,
  beside: (context: StepContext) => Promise<void> = () => Promise.resolve(),
): Step => ({
  name: 'keep version',
  async run(context) {
    await sideBySide(keepVersion(checkout, commit), beside(context))
  },
  async undo() {
    if (state.kept.some((place) => place.commit === commit)) return
    const { files } = checkout.outside
    const { gitFolder, commonFolder } = await locate(checkout.git.folder, files)
    await removeStaleLocks([gitFolder, commonFolder], files)
    await dropKeptRef(checkout, commit)
  },
})

/** Versions beyond `generations` go, and the one that is installed now needs no keeping. */
export const dropKeptStep = (checkout: Checkout, gone: Kept, stay: Kept): Step => ({
  name: 'drop old versions',
  async run() {
    const commits = new Set(gone.map((place) => place.commit))
    for (const { commit } of stay) commits.delete(commit)
    for (const commit of commits) await dropKeptRef(checkout, commit)
  },
})
