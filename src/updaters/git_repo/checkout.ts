import { settleFolder } from '../../system/exchange.js'
import type { StepContext, UpdaterSurroundings } from '../contract.js'
import type { Served } from '../service-steps.js'
import { readChanges, restoreFiles } from './changes.js'
import { Keepsake } from './keepsake.js'
import type { Git } from './git.js'
import { setBranch, setHead, type Place } from './head.js'
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

/** Its services, as steps need them. */
export const servedBy = ({ name, options, outside }: Checkout): Served => ({
  label: `Git Repo ${name}`,
  services: options.managed_services,
  restarter: outside.services,
})

/** From one version to another. */
export interface Route {
  readonly from: Place
  readonly to: Place
  /** The commit that the branch of `to` had before; null when there was no such branch. */
  readonly toBranchWas: string | null
}

export const keepsakeOf = (checkout: Checkout, context: StepContext): Keepsake =>
  new Keepsake(checkout.git, checkout.gitFolder, checkout.outside.files, context.workFolder)

/** Everything written so far is on the disk when this ends. git's own data already is; working files are not. */
export const settle = (checkout: Checkout, folder = checkout.git.folder): Promise<void> =>
  settleFolder(checkout.outside, folder)

/**
 * Brings files, index, branches and HEAD back, wherever a switch was interrupted. Not to be called when the switch never
 * began: what is there then is all the user's. Idempotent.
 */
export const switchBack = async (checkout: Checkout, context: StepContext, route: Route): Promise<void> => {
  const { git, outside } = checkout
  const keepsake = keepsakeOf(checkout, context)
  const location = await locate(git.folder, outside.files)
  await removeStaleLocks([location.gitFolder, location.commonFolder], outside.files)
  if (!(await keepsake.restoreIndex())) await git.run(['read-tree', route.from.commit])
  const changes = await readChanges(git, route.from.commit, route.to.commit)
  await restoreFiles(git, outside.files, changes, 'from')
  if (route.to.branch !== null && route.to.branch !== route.from.branch) {
    await setBranch(git, route.to.branch, route.toBranchWas)
  }
  await setHead(git, route.from)
  await git.attempt(['update-index', '-q', '--refresh'])
  await settle(checkout)
}
