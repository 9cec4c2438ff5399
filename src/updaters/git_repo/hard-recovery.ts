import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { folderTree } from '../../dependencies/source-tree.js'
import { detail } from '../detail.js'
import type { Plan, Step, StepContext } from '../contract.js'
import { dependencySteps } from '../dependencies/steps.js'
import { guardServicesStep, restartServicesStep } from '../service-steps.js'
import { Carrier } from './carry.js'
import { settle, servedBy, type Checkout } from './checkout.js'
import { dependentOf } from './dependencies.js'
import { readEdits, viewAgainstHead } from './edits.js'
import { GitError, limits, type Git } from './git.js'
import { resolveCommit } from './history.js'
import { Keepsake, patchFile } from './keepsake.js'
import { keepOldRepository, oldRepository } from './local-commits.js'
import { tell } from './remote.js'
import type { GitRepoState } from './state.js'
import { recoveryCommit } from './survey.js'

type Target = NonNullable<GitRepoState['target']>

/** A hard recovery: a new clone is made ready beside the checkout, and takes its place in one rename. */
interface Recovery {
  readonly checkout: Checkout
  readonly target: Target
  /** compat: where Moonraker clones to; git's line names it. */
  readonly staging: string
  /** The old checkout, until the new one is committed. */
  readonly aside: string
}

const beside = (folder: string, suffix: string): string =>
  path.join(path.dirname(folder), `.${path.basename(folder)}_repo_${suffix}`)

const say = ({ checkout }: Recovery, context: StepContext, text: string): void =>
  context.progress(`Git Repo ${checkout.name}: ${text}`)

const sayBeside = ({ checkout }: Recovery, context: StepContext, text: string): void =>
  context.progress(detail(`Git Repo ${checkout.name}: ${text}`))

const cloneStep = (recovery: Recovery): Step => ({
  name: 'clone',
  async run(context) {
    const { checkout, target, staging } = recovery
    const { git, options, outside } = checkout
    await outside.files.remove(staging)
    say(recovery, context, 'Starting Clone Recovery...')
    const url = target.cloneUrl ?? options.origin
    const args = [
      'clone',
      '--no-checkout',
      '--progress',
      '--branch',
      options.primary_branch,
      '--',
      url,
      staging,
    ]
    try {
      await git.at(path.dirname(git.folder)).run(args, {
        timeout: limits.transfer,
        stall: limits.stall,
        signal: context.signal,
        onErrorLine: tell(context.progress),
      })
    } catch (thrown) {
      if (!(thrown instanceof GitError)) throw thrown
      say(recovery, context, 'Git Clone Failed')
      throw new MoonkeeperError('command_failed', 'Git Clone Error', thrown)
    }
    say(recovery, context, 'Git Clone Complete')
  },
  undo: () => recovery.checkout.outside.files.remove(recovery.staging),
})

/** The old files seen by a repository that can read them: the old one, or the new clone at the same commit. */
const viewOfOld = async (recovery: Recovery, keepsake: Keepsake, base: string): Promise<Git> => {
  const { checkout, target, staging } = recovery
  const index = await keepsake.viewIndex()
  if (target.readable) return viewAgainstHead(checkout.git, path.join(checkout.git.folder, '.git'), index)
  await checkout.git.at(staging).run(['update-ref', '--no-deref', 'HEAD', base])
  return viewAgainstHead(checkout.git, path.join(staging, '.git'), index)
}

/** Keeps everything of the old checkout that no remote has. @returns what is to be put back */
const keepOwn = async (recovery: Recovery, context: StepContext, base: string): Promise<Keepsake> => {
  const { checkout, target } = recovery
  const { name, outside } = checkout
  const keepsake = new Keepsake(checkout.git, '', outside.files, context.workFolder)
  const view = await viewOfOld(recovery, keepsake, base)
  const { edits } = await readEdits(view, outside.files)
  // Files that are missing in a damaged checkout are damage, not somebody's edit.
  const wanted = edits.filter((edit) => edit.present || target.readable)
  const kept = patchFile(outside.dataFolder, name, target.stamp)
  await keepsake.keepEdits(view, wanted, kept)
  await new Carrier(checkout, context.workFolder).list(view)
  if (wanted.length > 0) {
    sayBeside(
      recovery,
      context,
      `Local edits of ${wanted.map((edit) => edit.path).join(', ')} are kept in ${kept}`,
    )
  }
  const old = await keepOldRepository(checkout, target.readable, target.stamp)
  if (old !== null) sayBeside(recovery, context, `What only the old repository has is kept in ${old}`)
  return keepsake
}

/** Checks the wanted version out in the clone, with the local edits in it as far as they fit. */
const prepareStep = (recovery: Recovery): Step => ({
  name: 'prepare',
  async run(context) {
    const { checkout, target, staging } = recovery
    const staged = checkout.git.at(staging)
    const upstream = await staged.read(['rev-parse', '--verify', 'HEAD^{commit}'])
    const to = await recoveryCommit(checkout, staged, target.from, upstream, context.signal)
    const known = target.from !== '?' && (await resolveCommit(staged, target.from)) !== null
    const keepsake = await keepOwn(recovery, context, known ? target.from : to)
    if (to !== upstream) say(recovery, context, `Moving HEAD to previous commit ${to}`)
    await staged.run(['symbolic-ref', 'HEAD', `refs/heads/${checkout.options.primary_branch}`])
    await staged.run(['reset', '--hard', '--quiet', to], { timeout: limits.transfer, signal: context.signal })
    await putBack(recovery, context, keepsake, known || target.readable)
  },
  async undo() {
    const { checkout, target } = recovery
    await checkout.outside.files.remove(patchFile(checkout.outside.dataFolder, checkout.name, target.stamp))
    await checkout.outside.files.remove(oldRepository(checkout, target.stamp))
  },
})

/** Without a known base a patch holds differences between versions too: then it is only kept. */
const putBack = async (
  recovery: Recovery,
  context: StepContext,
  keepsake: Keepsake,
  fit: boolean,
): Promise<void> => {
  const staged = recovery.checkout.git.at(recovery.staging)
  const failed = fit ? await keepsake.applyPatches(staged) : (await keepsake.edits()).map((edit) => edit.path)
  if (failed.length > 0)
    say(recovery, context, `The local edits of ${failed.join(', ')} could not be put back`)
}

const swapStep = (recovery: Recovery): Step => ({
  name: 'swap',
  async run() {
    const { files } = recovery.checkout.outside
    const { folder } = recovery.checkout.git
    await settle(recovery.checkout, recovery.staging)
    if ((await files.stat(recovery.aside)) !== null) {
      throw new MoonkeeperError(
        'refused',
        `${recovery.aside} is in the way. Look what it is and move it away.`,
      )
    }
    await files.rename(folder, recovery.aside)
    await files.rename(recovery.staging, folder)
  },
  async undo() {
    const { files } = recovery.checkout.outside
    const { folder } = recovery.checkout.git
    if ((await files.stat(recovery.aside)) === null || (await isNotOurs(recovery))) return
    if ((await files.stat(folder)) !== null) await files.rename(folder, recovery.staging)
    await files.rename(recovery.aside, folder)
  },
})

/** True when what stands aside was there before: then the swap never began, and both others are in place. */
const isNotOurs = async ({ checkout, staging }: Recovery): Promise<boolean> => {
  const { files } = checkout.outside
  return (await files.stat(checkout.git.folder)) !== null && (await files.stat(staging)) !== null
}

/** Files that git does not know move over to the new checkout: plugins, symlinks, environments. */
const carryStep = (recovery: Recovery): Step => ({
  name: 'carry',
  async run(context) {
    const carrier = new Carrier(recovery.checkout, context.workFolder)
    const left = await carrier.carry(recovery.aside, recovery.target.stamp)
    if (left.length === 0) return
    sayBeside(
      recovery,
      context,
      `The new version has files of its own where yours were: ${left.join(', ')} are kept in ${carrier.keptFolder(recovery.target.stamp)}`,
    )
  },
  undo: (context) => new Carrier(recovery.checkout, context.workFolder).back(recovery.aside),
})

const finalSettleStep = (recovery: Recovery): Step => ({
  name: 'settle',
  traceless: true,
  run: () => settle(recovery.checkout),
})

const dropStep = (recovery: Recovery): Step => ({
  name: 'drop the old checkout',
  run: () => recovery.checkout.outside.files.remove(recovery.aside),
})

export const hardRecovery = (
  checkout: Checkout,
  target: Target,
  updateDependencies: boolean,
): Pick<Plan, 'steps' | 'cleanup'> => {
  const recovery: Recovery = {
    checkout,
    target,
    staging: beside(checkout.git.folder, 'backup'),
    aside: beside(checkout.git.folder, 'old'),
  }
  const before = updateDependencies ? null : folderTree(recovery.aside, checkout.outside.files)
  return {
    steps: [
      guardServicesStep(servedBy(checkout)),
      cloneStep(recovery),
      prepareStep(recovery),
      swapStep(recovery),
      carryStep(recovery),
      finalSettleStep(recovery),
      ...dependencySteps(dependentOf(checkout), target.dependencies, before),
      restartServicesStep(servedBy(checkout)),
    ],
    cleanup: [dropStep(recovery)],
  }
}
