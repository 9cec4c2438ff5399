import { MoonkeeperError } from '../../../contract/error.js'
import type { Step } from '../../contract.js'
import { inTheWay, readChanges } from '../changes.js'
import { settle, switchBack, type Checkout } from '../checkout.js'
import { GitError, limits } from '../git.js'
import { setHead, type Place } from '../head.js'
import { waitForIndexLock } from '../lock.js'
import { persistently, tell } from '../remote.js'

/** Fast-forwards the branch with git's own merge, whose lines people know. It refuses to touch local edits. */
export const mergeStep = (checkout: Checkout, from: Place, to: Place, title: string): Step => ({
  name: 'merge',
  async run(context) {
    const { git, gitFolder, outside } = checkout
    await waitForIndexLock(gitFolder, outside.files, outside.clock, context.signal)
    const args = ['merge', '--ff-only', '--no-overwrite-ignore', '--stat', to.commit]
    const say = tell(context.progress)
    await persistently(
      async () => {
        const options = { timeout: limits.transfer, signal: context.signal, onErrorLine: say }
        const result = await git.attempt(args, options)
        result.stdout.toString('utf8').split('\n').forEach(say)
        if (result.code !== 0) throw new GitError(title, result)
      },
      outside.clock,
      context.signal,
    )
  },
  undo: (context) => switchBack(checkout, context, from, to),
})

const refuseWhatIsInTheWay = async (checkout: Checkout, from: Place, to: Place): Promise<void> => {
  const changes = await readChanges(checkout.git, from.commit, to.commit)
  const paths = await inTheWay(checkout.git, checkout.outside.files, changes)
  if (paths.length === 0) return
  throw new MoonkeeperError(
    'refused',
    `Git Repo ${checkout.name}: files of yours are where the other version has its own: ${paths.slice(0, 10).join(', ')}. ` +
      'Move them away and try again.',
  )
}

/** Changes files, index and HEAD to another commit, forwards or backwards. Refuses to overwrite what is not git's. */
export const switchStep = (checkout: Checkout, from: Place, to: Place): Step => ({
  name: 'switch',
  async run(context) {
    const { git, gitFolder, outside } = checkout
    await waitForIndexLock(gitFolder, outside.files, outside.clock, context.signal)
    if (from.commit !== to.commit) {
      await refuseWhatIsInTheWay(checkout, from, to)
      await git.run(['read-tree', '-m', '-u', from.commit, to.commit], {
        title: `switch to ${to.commit.slice(0, 12)}`,
        timeout: limits.transfer,
        signal: context.signal,
      })
    }
    await setHead(git, to)
  },
  undo: (context) => switchBack(checkout, context, from, to),
})

/** Nothing is committed before it is on the disk. */
export const settleStep = (checkout: Checkout): Step => ({
  name: 'settle',
  run: () => settle(checkout),
})
