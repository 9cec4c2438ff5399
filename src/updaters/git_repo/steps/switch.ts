import { MoonkeeperError } from '../../../contract/error.js'
import type { Step, StepContext } from '../../contract.js'
import { sideBySide } from '../../side-by-side.js'
import { readChanges } from '../changes.js'
import { keepsakeOf, settle, switchBack, type Checkout, type Route } from '../checkout.js'
import { GitError, limits } from '../git.js'
import { setHead } from '../head.js'
import { waitForIndexLock } from '../lock.js'
import { findObstacles, type Obstacles } from '../obstacles.js'
import { persistently, tell } from '../remote.js'

const listed = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')

const refuse = (checkout: Checkout, names: readonly string[], why: string): MoonkeeperError =>
  new MoonkeeperError(
    'refused',
    `Git Repo ${checkout.name}: ${why}: ${listed(names)}. Move them away and try again.`,
  )

const waitForIndex = ({ gitFolder, outside }: Checkout, { signal }: StepContext): Promise<void> =>
  waitForIndexLock(gitFolder, outside.files, outside.clock, signal)

/** Looks what is in the way. Files of the user where the other version has its own are refused before git is called. */
const lookForObstacles = async (checkout: Checkout, route: Route): Promise<Obstacles> => {
  const { git, outside } = checkout
  const changes = await readChanges(git, route.from.commit, route.to.commit)
  const obstacles = await findObstacles(git, outside.files, changes)
  if (obstacles.untracked.length > 0) {
    throw refuse(checkout, obstacles.untracked, 'files of yours are where the other version has its own')
  }
  return obstacles
}

const merge = async (
  checkout: Checkout,
  context: StepContext,
  route: Route,
  title: string,
): Promise<void> => {
  const { git, outside } = checkout
  const args = ['merge', '--ff-only', '--no-overwrite-ignore', '--stat', route.to.commit]
  const say = tell(context.progress)
  const once = async (): Promise<void> => {
    const result = await git.attempt(args, {
      timeout: limits.transfer,
      signal: context.signal,
      onErrorLine: say,
    })
    result.stdout.toString('utf8').split('\n').forEach(say)
    if (result.code !== 0) throw new GitError(title, result)
  }
  await persistently(once, outside.clock, context.signal)
}

/** Before a merge: keeps the index, looks what is in the way, and notes whether git is going to refuse it. */
export const clearForMerge = async (
  checkout: Checkout,
  context: StepContext,
  route: Route,
): Promise<void> => {
  const keepsake = keepsakeOf(checkout, context)
  const look = async (): Promise<void> => {
    const { edited } = await lookForObstacles(checkout, route)
    if (edited.length > 0) await keepsake.markInTheWay()
  }
  await waitForIndex(checkout, context)
  await sideBySide(keepsake.keepIndex(), look())
}

/** Before a switch that carries nothing over: it looks itself what is in its way. */
export const keepIndex = async (checkout: Checkout, context: StepContext): Promise<void> => {
  await waitForIndex(checkout, context)
  await keepsakeOf(checkout, context).keepIndex()
}

/**
 * Fast-forwards the branch with git's own merge, whose lines people know. Where local edits are in the way git
 * refuses before it touches anything: then the undo has nothing to do.
 */
export const mergeStep = (checkout: Checkout, route: Route, title: string): Step => ({
  name: 'merge',
  run: (context) => merge(checkout, context, route, title),
  async undo(context) {
    if (!(await keepsakeOf(checkout, context).isInTheWay())) await switchBack(checkout, context, route)
  },
})

/** Changes files, index and HEAD to another commit, forwards or backwards. Refuses to overwrite what is not git's. */
export const switchStep = (checkout: Checkout, route: Route): Step => ({
  name: 'switch',
  async run(context) {
    const { git } = checkout
    const { from, to } = route
    await waitForIndex(checkout, context)
    const { edited } = await lookForObstacles(checkout, route)
    if (edited.length > 0) throw refuse(checkout, edited, 'these files were edited meanwhile')
    await keepsakeOf(checkout, context).markBegun()
    if (from.commit !== to.commit) {
      await git.run(['read-tree', '-m', '-u', from.commit, to.commit], {
        title: `switch to ${to.commit.slice(0, 12)}`,
        timeout: limits.transfer,
        signal: context.signal,
      })
    }
    await setHead(git, to)
  },
  async undo(context) {
    if (await keepsakeOf(checkout, context).hasBegun()) await switchBack(checkout, context, route)
  },
})

/** Nothing is committed before it is on the disk. */
export const settleStep = (checkout: Checkout): Step => ({
  name: 'settle',
  traceless: true,
  run: () => settle(checkout),
})
