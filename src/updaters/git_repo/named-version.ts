import { MoonkeeperError } from '../../contract/error.js'
import type { Checkout } from './checkout.js'
import { isSafeName } from './git.js'
import { isAncestor, resolveCommit } from './history.js'
import type { GitRepoState } from './state.js'
import { shortVersion } from './version.js'
import { tipOf } from './versions.js'

const isHash = (text: string): boolean => /^[0-9a-f]{7,40}$/i.test(text)

/** The hash at the end of what git describe tells. */
const describedHash = (text: string): string | null => /-g([0-9a-f]{7,40})$/i.exec(text)?.[1] ?? null

/** True when a version that is known means the one that is asked for. */
export const isNamed = (
  known: { readonly commit: string; readonly version: string },
  name: string,
): boolean =>
  known.version === name ||
  shortVersion(known.version) === name ||
  (isHash(name) && known.commit.startsWith(name.toLowerCase()))

const unknown = (checkout: Checkout, name: string): MoonkeeperError =>
  new MoonkeeperError(
    'unknown_version',
    `Git Repo ${checkout.name}: there is no version '${name}'. What there is: machine.update.versions`,
  )

/** The commit that a name means: what is shown, a tag, a hash, or what git describe tells. null when it means none. */
const commitOf = async (
  checkout: Checkout,
  state: GitRepoState,
  name: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const shown = [
    { commit: state.upstreamCommit, version: state.upstreamVersion },
    { commit: state.currentCommit, version: state.currentVersion },
  ].find((known) => isNamed(known, name))
  if (shown !== undefined) return shown.commit
  const tagged = isSafeName(name) ? await resolveCommit(checkout.git, `refs/tags/${name}`, signal) : null
  if (tagged !== null) return tagged
  const hash = isHash(name) ? name : describedHash(name)
  return hash === null ? null : resolveCommit(checkout.git, hash, signal)
}

/** The commit of a version that the remote has. @throws unknown_version */
export const findVersion = async (
  checkout: Checkout,
  state: GitRepoState,
  name: string,
  signal: AbortSignal,
): Promise<string> => {
  const commit = await commitOf(checkout, state, name, signal)
  if (commit === null || !(await isAncestor(checkout.git, commit, tipOf(state), signal)))
    throw unknown(checkout, name)
  return commit
}

/** True when the version is here and the remote was known to have it: it need not be asked. */
export const isAtHand = async (
  checkout: Checkout,
  state: GitRepoState,
  name: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const commit = await commitOf(checkout, state, name, signal)
  return commit !== null && isAncestor(checkout.git, commit, tipOf(state), signal)
}
