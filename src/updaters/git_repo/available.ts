import type { Versions } from '../../contract/generated/types.js'
import { harmless } from '../../contract/text.js'
import type { Checkout } from './checkout.js'
import { countCommits, cut, describe, isAncestor, resolveCommit } from './history.js'
import type { GitRepoState } from './state.js'
import { listedVersion } from './version.js'
import { tipOf } from './versions.js'

type Version = Versions['versions'][number]

const longestTitle = 300
const fields = ['%H', '%ct', '%s']
const format = fields.map((field) => `${field}%x00`).join('')

interface Listed {
  readonly id: string
  readonly date: number | null
  readonly title: string
}

const parse = (text: string): Listed[] => {
  const parts = text.split('\0')
  const listed: Listed[] = []
  for (let i = 0; i + fields.length < parts.length; i += fields.length) {
    const [id = '', date, title = ''] = parts.slice(i, i + fields.length)
    listed.push({ id: id.trim(), date: Number(date), title: cut(harmless(title), longestTitle) })
  }
  return listed
}

/** What would have to be changed to be shown would not be found by that name: the id is shown instead. */
const nameOf = (described: string | undefined, id: string): string => {
  const name = listedVersion(described ?? id)
  return name === harmless(name) ? name : id
}

const readPage = async (
  checkout: Checkout,
  args: readonly string[],
  signal: AbortSignal,
): Promise<readonly Listed[]> =>
  parse(await checkout.git.read(['log', `--format=${format}`, ...args, '--'], { signal }))

/** Kept versions that the remote does not have (any more), newest first. */
const keptApart = async (
  checkout: Checkout,
  state: GitRepoState,
  tip: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const apart: string[] = []
  for (const { commit } of state.kept) {
    const there = (await resolveCommit(checkout.git, commit, signal)) !== null
    const known = tip !== null && there && (await isAncestor(checkout.git, commit, tip, signal))
    if (there && !known) apart.push(commit)
  }
  return apart
}

/** The whole id; what the configuration says where there is no such commit. */
const pinOf = async ({ git, options }: Checkout, signal: AbortSignal): Promise<string | null> => {
  const { pinned_commit: pinned } = options
  return pinned === undefined ? null : ((await resolveCommit(git, pinned, signal)) ?? pinned)
}

/** What can be had and what is kept: the commits of the remote's branch, after kept ones that it does not have. */
export const listVersions = async (
  checkout: Checkout,
  state: GitRepoState,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  signal: AbortSignal,
): Promise<Versions> => {
  const { git } = checkout
  const tip = await resolveCommit(git, tipOf(state), signal)
  const apart = await keptApart(checkout, state, tip, signal)
  const count = tip === null ? 0 : await countCommits(git, tip, signal)
  const first = apart.slice(offset, offset + limit)
  const rest = limit - first.length
  const skip = Math.max(0, offset - apart.length)
  const listed = [
    ...(first.length === 0 ? [] : await readPage(checkout, ['--no-walk=unsorted', ...first], signal)),
    ...(tip === null || rest === 0
      ? []
      : await readPage(checkout, [`--max-count=${rest}`, `--skip=${skip}`, tip], signal)),
  ]
  const ids = listed.map(({ id }) => id)
  const described = ids.length === 0 ? [] : await describe(git, ids, signal)
  const versions = listed.map(({ id, date, title }, index): Version => ({
    version: nameOf(described[index], id),
    id,
    date,
    title,
    current: id === state.currentCommit,
    kept: state.kept.some(({ commit }) => commit === id),
  }))
  return {
    versions,
    total: count + apart.length,
    current: state.currentCommit === '?' ? null : state.currentCommit,
    pinned: await pinOf(checkout, signal),
  }
}
