import { randomInt } from 'node:crypto'
import type { HistoryEntry, WncmsUpdates } from '../../contract/generated/types.js'
import type { AppContext } from '../../methods/context.js'
import { statusOf } from '../applications.js'
import type { Endpoint } from './entry.js'
import { success } from './envelope.js'

const usualSize = 15

/** More than any machine does in its life. */
const all = { name: null, limit: 1_000_000, offset: 0 }

interface Item {
  readonly id: number
  readonly title: string
  readonly package: string
  readonly updater: string
  readonly channel: string | null
  readonly action: string
  readonly from: string
  readonly version: string | null
  readonly outcome: string
  readonly error: string | null
  readonly message: string | null
  readonly sort: number
  readonly created_at: string
  readonly updated_at: string
}

const channelOf = (app: AppContext, name: string): string | null => {
  const status = statusOf(app, name)
  return status !== null && 'channel' in status ? status.channel : null
}

const itemOf = (app: AppContext, entry: HistoryEntry): Item => {
  const at = new Date(entry.at).toISOString()
  return {
    id: entry.n,
    title: `${entry.application} ${entry.to ?? entry.from}`,
    package: entry.application,
    updater: entry.type,
    channel: channelOf(app, entry.application),
    action: entry.goal,
    from: entry.from,
    version: entry.to,
    outcome: entry.outcome,
    error: entry.code,
    message: entry.message,
    sort: entry.n,
    created_at: at,
    updated_at: at,
  }
}

const wordsOf = (keywords: string | null | undefined): readonly string[] =>
  (keywords ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')

const isWanted = (asked: WncmsUpdates): ((item: Item) => boolean) => {
  const words = wordsOf(asked.keywords)
  const tags = (asked.tags ?? []).map(String)
  const excluded = new Set(asked.excluded_post_ids)
  const tagsOf = ({ updater, channel }: Item): readonly (string | null)[] => {
    if (asked.tag_type === undefined) return [updater, channel]
    return [asked.tag_type === 'updater' ? updater : channel]
  }
  return (item) => {
    const { title, package: name, from, version, outcome, message } = item
    const text = [title, name, from, version, outcome, message].join(' ').toLowerCase()
    return (
      !excluded.has(item.id) &&
      words.every((word) => text.includes(word)) &&
      (tags.length === 0 || tagsOf(item).some((tag) => tag !== null && tags.includes(tag)))
    )
  }
}

const shuffled = (items: readonly Item[]): readonly Item[] => {
  const left = [...items]
  return items.map(() => left.splice(randomInt(left.length), 1)[0] as Item)
}

/** What was done at the same time keeps its order. */
const inOrder = (
  items: readonly Item[],
  { sort = 'created_at', direction = 'desc', is_random }: WncmsUpdates,
): readonly Item[] => {
  if (is_random === true) return shuffled(items)
  const sign = direction === 'asc' ? 1 : -1
  const compare = (a: Item, b: Item): number => {
    if (sort === 'sort') return a.sort - b.sort
    return a[sort] === b[sort] ? a.sort - b.sort : a[sort] < b[sort] ? -1 : 1
  }
  return [...items].sort((a, b) => sign * compare(a, b))
}

/** The same list, another page of it. */
const linkTo = (path: string, page: number, asked: WncmsUpdates): string => {
  const query = new URLSearchParams([['page', String(page)]])
  for (const [name, value] of Object.entries(asked) as [
    string,
    string | number | boolean | unknown[] | null,
  ][]) {
    if (name === 'page' || value === null) continue
    if (Array.isArray(value)) for (const item of value) query.append(`${name}[]`, String(item))
    else query.append(name, String(value))
  }
  return `${path}?${query.toString()}`
}

const pageOf = (items: readonly Item[], asked: WncmsUpdates, path: string): object => {
  const { page = 1, page_size: size = usualSize } = asked
  const last = Math.max(1, Math.ceil(items.length / size))
  const data = items.slice((page - 1) * size, page * size)
  return {
    data,
    pagination: {
      total: items.length,
      count: data.length,
      page_size: size,
      current_page: page,
      last_page: last,
      has_more: page < last,
      next: page < last ? linkTo(path, page + 1, asked) : null,
      previous: page > 1 ? linkTo(path, Math.min(page - 1, last), asked) : null,
    },
  }
}

/** Only what is known of a list: what else was sent is no part of a link. */
const known = (fields: Readonly<Record<string, unknown>>): WncmsUpdates => {
  const names = [
    'page',
    'page_size',
    'sort',
    'direction',
    'keywords',
    'is_random',
    'tags',
    'tag_type',
    'excluded_post_ids',
    'locale',
  ]
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]))
}

export const updates: Endpoint = {
  verbs: ['GET', 'POST'],
  path: '/api/v1/updates',
  shape: 'WncmsUpdates',
  toggle: 'wncms_api_updates',
  scope: () => 'read',
  respond: async (fields, { app }, path) => {
    const asked = known(fields)
    const { entries } = await app.engine.history(all)
    const items = entries.map((entry) => itemOf(app, entry)).filter(isWanted(asked))
    return success('Successfully fetched updates', pageOf(inOrder(items, asked), asked, path))
  },
}
