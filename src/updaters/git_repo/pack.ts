import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { ImagePart } from '../../images/build.js'
import type { PrepareContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { limits } from './git.js'
import { isAncestor, resolveCommit } from './history.js'
import type { GitRepoState } from './state.js'
import { isValid } from './status.js'
import { plainVersion } from './version.js'
import { tipOf } from './versions.js'

/** Tags name versions: the newest of them go with. */
const mostTags = 1000

const refused = (name: string, why: string): MoonkeeperError =>
  new MoonkeeperError('not_valid', `Git Repo ${name} cannot be put into an image: ${why}`)

/** Others can only have what its remote has. @throws not_valid */
const refuseOddCheckout = async (
  { git, name, outside }: Checkout,
  state: GitRepoState,
  signal: AbortSignal,
): Promise<void> => {
  if (!isValid({ ...state, remoteFailure: null }, outside.debug))
    throw refused(name, 'it is edited, damaged, or has diverged. Look at its warnings in the status')
  if ((await git.read(['rev-parse', '--is-shallow-repository'], { signal })) === 'true')
    throw refused(name, 'its history is cut off (a shallow clone). A hard recovery clones it whole')
  if ((await resolveCommit(git, 'HEAD', signal)) !== state.currentCommit)
    throw refused(name, 'it was changed since it was looked at. Refresh, and try again')
  if (!(await isAncestor(git, state.currentCommit, tipOf(state), signal)))
    throw refused(name, `what is installed is no part of ${state.remote}/${state.branch}`)
}

/** The installed commit with all that leads to it: it does for a machine of whatever age. @throws not_valid, GitError */
export const packCheckout = async (
  checkout: Checkout,
  state: GitRepoState,
  folder: string,
  { signal, progress }: PrepareContext,
): Promise<ImagePart> => {
  const { git, name } = checkout
  await refuseOddCheckout(checkout, state, signal)
  progress(`Git Repo ${name}: packing ${plainVersion(state.currentVersion)}`)
  const file = path.join(folder, 'app.bundle')
  const args = ['for-each-ref', `--count=${mostTags}`, '--sort=-creatordate', '--merged=HEAD']
  const listed = await git.read([...args, '--format=%(refname)', 'refs/tags'], { signal })
  const tags = listed.split('\n').filter((ref) => ref !== '')
  await git.run(['bundle', 'create', '--quiet', file, 'HEAD', ...tags], { timeout: limits.transfer, signal })
  return {
    application: {
      name,
      type: 'git_repo',
      version: plainVersion(state.currentVersion),
      id: state.currentCommit,
      source: state.remoteUrl,
      architecture: null,
      branch: state.branch,
      release: null,
    },
    files: [{ name: 'app.bundle', file }],
  }
}
