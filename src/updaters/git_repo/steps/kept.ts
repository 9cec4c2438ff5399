import type { Step } from '../../contract.js'
import type { Checkout } from '../checkout.js'
import type { GitRepoState } from '../state.js'

type Kept = GitRepoState['kept']

/** A ref keeps the version's objects from git's own tidying, also when the remote's history is written anew. */
const refOf = (commit: string): string => `refs/moonkeeper/kept/${commit}`

export const dropKept = async (checkout: Checkout, commit: string): Promise<void> => {
  await checkout.git.run(['update-ref', '-d', refOf(commit)])
}

/** The version that is left can be had again without the network. */
export const keepVersionStep = (checkout: Checkout, state: GitRepoState, commit: string): Step => ({
  name: 'keep version',
  async run() {
    await checkout.git.run(['update-ref', refOf(commit), commit])
  },
  async undo() {
    if (!state.kept.some((place) => place.commit === commit)) await dropKept(checkout, commit)
  },
})

/** Versions beyond `generations` go, and the one that is installed now needs no keeping. */
export const dropKeptStep = (checkout: Checkout, gone: Kept, stay: Kept): Step => ({
  name: 'drop old versions',
  async run() {
    const commits = new Set(gone.map((place) => place.commit))
    for (const { commit } of stay) commits.delete(commit)
    for (const commit of commits) await dropKept(checkout, commit)
  },
})
