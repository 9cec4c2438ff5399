import { harmless } from '../contract/text.js'

/** One announcement, as its feed tells it. */
export interface FeedItem {
  readonly id: string
  readonly url: string | null
  readonly title: string | null
  readonly description: string | null
  readonly priority: string | null
  /** Seconds since the epoch; null when it is not said. */
  readonly date: number | null
}

export interface Feed {
  /** What the ids of its items begin with; empty when it is not said. */
  readonly prefix: string
  readonly items: readonly FeedItem[]
}

/** More than this is no list of news. */
const mostItems = 200
const longestText = 4000

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const character = (code: number): string =>
  Number.isInteger(code) && code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''

const decoded = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,5}));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return character(parseInt(hex, 16))
      if (decimal !== undefined) return character(Number(decimal))
      return entities[name ?? ''] ?? whole
    },
  )

const contentOf = (text: string): string => {
  const trimmed = text.trim()
  const isLiteral = trimmed.startsWith('<![CDATA[') && trimmed.endsWith(']]>')
  return isLiteral ? trimmed.slice(9, -3) : decoded(text)
}

/** What stands between two texts from a position on, and where it ends. */
const between = (
  text: string,
  open: string,
  close: string,
  from: number,
): readonly [content: string, end: number] | null => {
  const start = text.indexOf(open, from)
  const end = start < 0 ? -1 : text.indexOf(close, start + open.length)
  return end < 0 ? null : [text.slice(start + open.length, end), end + close.length]
}

/** The content of an element without attributes, as such feeds have them. */
const element = (text: string, name: string): string | null => {
  const found = between(text, `<${name}>`, `</${name}>`, 0)
  return found === null ? null : contentOf(found[0])
}

const shown = (text: string | null): string | null =>
  text === null ? null : harmless(text.slice(0, longestText))

const secondsOf = (date: string | null): number | null => {
  const at = Date.parse(date ?? '')
  return Number.isNaN(at) ? null : at / 1000
}

const itemOf = (text: string): FeedItem | null => {
  const id = element(text, 'guid')
  if (id === null || id === '') return null
  const url = element(text, 'link')
  return {
    id: id.slice(0, longestText),
    // A page of the web, and nothing that a browser would run.
    url: url !== null && /^https?:\/\//i.test(url) ? url : null,
    title: shown(element(text, 'title')),
    description: shown(element(text, 'description')),
    priority: shown(element(text, 'category')),
    date: secondsOf(element(text, 'pubDate')),
  }
}

/** Reads RSS 2.0 as far as announcements need it. @returns null when it is none */
export const parseFeed = (xml: string): Feed | null => {
  const channel = between(xml, '<channel>', '</channel>', 0)?.[0]
  if (channel === undefined) return null
  const items: FeedItem[] = []
  const first = channel.indexOf('<item>')
  const head = first < 0 ? channel : channel.slice(0, first)
  for (
    let found = between(channel, '<item>', '</item>', 0);
    found !== null && items.length < mostItems;
    found = between(channel, '<item>', '</item>', found[1])
  ) {
    const item = itemOf(found[0])
    if (item !== null) items.push(item)
  }
  return { prefix: (element(head, 'title') ?? '').toLowerCase(), items }
}
