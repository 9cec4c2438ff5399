import path from 'node:path'
import { badImage } from '../../images/problem.js'
import { checkFile } from '../../images/member.js'
import type { Carried, SurveyContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { limits, type Git } from './git.js'
import { isAncestor, resolveCommit } from './history.js'
import { tell } from './remote.js'
import type { CommitSource } from './source.js'
import type { GitRepoState } from './state.js'
import { changedSince } from './target.js'
import { tipOf } from './versions.js'

/** Holds what comes until it is known what it is. */
const arrivedRef = 'refs/moonkeeper/arrived'

/** Commits that a bundle has the name of, by that name. */
const readHeads = async (git: Git, bundle: string, signal: AbortSignal): Promise<readonly string[]> => {
  const text = await git.read(['bundle', 'list-heads', bundle], { signal })
  return text.split('\n').map((line) => line.slice(line.indexOf(' ') + 1))
}

const fetch = (
  git: Git,
  bundle: string,
  refs: readonly string[],
  { signal, progress }: SurveyContext,
): Promise<unknown> =>
  git.run(['fetch', '--no-tags', '--no-write-fetch-head', '--progress', '--', bundle, ...refs], {
    title: 'fetch from an update image',
    timeout: limits.transfer,
    stall: limits.stall,
    signal,
    onErrorLine: tell(progress),
  })

/** Tags that are here stay what they are: those of the remote count. */
const fetchNewTags = async (git: Git, bundle: string, context: SurveyContext): Promise<void> => {
  const { signal } = context
  const known = new Set(
    (await git.read(['for-each-ref', '--format=%(refname)', 'refs/tags'], { signal })).split('\n'),
  )
  const heads = await readHeads(git, bundle, signal)
  const wanted = heads.filter((ref) => ref.startsWith('refs/tags/') && !known.has(ref))
  if (wanted.length > 0)
    await fetch(
      git,
      bundle,
      wanted.map((ref) => `${ref}:${ref}`),
      context,
    )
}

/** What the remote's branch is known to be is what it was, or what came and builds on that. @throws not_valid */
const moveTip = async (
  { git, name }: Checkout,
  state: GitRepoState,
  { id, label }: Carried,
  signal: AbortSignal,
): Promise<void> => {
  const tip = tipOf(state)
  const was = await resolveCommit(git, tip, signal)
  if (was !== null && (await isAncestor(git, id, was, signal))) return
  if (was !== null && !(await isAncestor(git, was, id, signal)))
    throw changedSince(
      name,
      `what ${label} has is no later version of ${state.remote}/${state.branch}, but of another branch or repository`,
    )
  await git.run(['update-ref', tip, id, was ?? ''], { signal })
}

/** A bundle of git's that lies here, checked. Nothing of it is taken for more than the commit that it is to bring. */
export const bundleSource = (carried: Carried): CommitSource => ({
  isHere: true,
  bring: async (checkout, state, context) => {
    const { git, name } = checkout
    const { signal } = context
    const [bundle] = carried.files
    if (bundle === undefined || carried.files.length !== 1)
      throw badImage(`it has ${carried.files.length} files for ${name} instead of one bundle`)
    if (carried.branch !== state.branch)
      throw changedSince(
        name,
        `${carried.label} is for the branch ${carried.branch ?? '?'}, not ${state.branch}`,
      )
    await checkFile(bundle, path.basename(bundle.path), signal)
    try {
      await fetch(git, bundle.path, [`+HEAD:${arrivedRef}`], context)
      if ((await resolveCommit(git, arrivedRef, signal)) !== carried.id)
        throw badImage(`its bundle for ${name} has another commit than its manifest says`)
      await moveTip(checkout, state, carried, signal)
      await fetchNewTags(git, bundle.path, context)
    } finally {
      await git.attempt(['update-ref', '-d', arrivedRef])
    }
    return true
  },
})
