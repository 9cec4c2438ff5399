import { harmless } from '../contract/text.js'
import { mayFollow } from '../system/http.js'
import { isFileName, isTag } from './repository-names.js'

/** A file that belongs to a release. */
export interface Asset {
  /** A plain file name. */
  readonly name: string
  /** null when it is none that may be fetched (see mayFollow). */
  readonly url: string | null
  /** Bytes; null when the forge does not say. */
  readonly size: number | null
  /** Hexadecimal; null when the forge publishes none. */
  readonly sha256: string | null
}

export interface Release {
  /** What it is looked up by. */
  readonly tag: string
  /** What people are shown; the tag where the release has no name. */
  readonly name: string
  readonly prerelease: boolean
  readonly draft: boolean
  /** Milliseconds since the epoch; null when the forge does not say. */
  readonly published: number | null
  /** What its authors say of it, as plain text and not too much of it; empty when they say nothing. */
  readonly notes: string
  readonly assets: readonly Asset[]
}

const maxNameLength = 200
const maxAssets = 1000
/** Characters. They are kept with every look, and in the journal. */
const maxNotesLength = 4000
/** Of a list so many. */
const withNotes = 10

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown, what: string): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new TypeError(`${what} is no object`)
}

/** Absent and null are the same: forges differ in which they send. */
const optional = <T>(fields: Fields, name: string, is: (value: unknown) => value is T): T | null => {
  const value = fields[name]
  if (value === undefined || value === null) return null
  if (is(value)) return value
  throw new TypeError(`${name} is not what it should be`)
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** Another algorithm is as good as none; one that is named and then not there is a mistake. */
const digestOf = (fields: Fields): string | null => {
  const digest = optional(fields, 'digest', isText)
  if (digest?.startsWith('sha256:') !== true) return null
  const hex = digest.slice('sha256:'.length).toLowerCase()
  if (/^[0-9a-f]{64}$/.test(hex)) return hex
  throw new TypeError('digest is no SHA-256')
}

const addressOf = (fields: Fields, base: URL): string | null => {
  const text = optional(fields, 'browser_download_url', isText)
  if (text === null || !URL.canParse(text)) return null
  const url = new URL(text)
  return mayFollow(base, url) ? url.href : null
}

const assetOf = (value: unknown, base: URL): Asset | null => {
  const fields = fieldsOf(value, 'an asset')
  const name = optional(fields, 'name', isText)
  if (name === null || !isFileName(name)) return null
  return {
    name,
    url: addressOf(fields, base),
    size: optional(fields, 'size', isSize),
    sha256: digestOf(fields),
  }
}

const publishedOf = (fields: Fields): number | null => {
  const time = Date.parse(optional(fields, 'published_at', isText) ?? '')
  return Number.isNaN(time) ? null : time
}

const notesOf = (fields: Fields): string => {
  const notes = harmless(optional(fields, 'body', isText) ?? '').trim()
  if (notes.length <= maxNotesLength) return notes
  return `${notes.slice(0, maxNotesLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

const assetsOf = (fields: Fields, base: URL): readonly Asset[] => {
  const assets = optional(fields, 'assets', isList) ?? []
  if (assets.length > maxAssets) throw new TypeError(`there are more than ${maxAssets} assets`)
  return assets.map((each) => assetOf(each, base)).filter((asset) => asset !== null)
}

/**
 * A release as GitHub's API, Gitea's and Forgejo's describe it. Assets whose name is no file name are left out.
 * @param base the API's address: it decides which addresses may be fetched
 * @throws TypeError with what is wrong
 */
export const readRelease = (value: unknown, base: URL): Release => {
  const fields = fieldsOf(value, 'the release')
  const tag = optional(fields, 'tag_name', isText)
  if (tag === null || !isTag(tag)) throw new TypeError('tag_name is no tag')
  const name = harmless(optional(fields, 'name', isText) ?? '').trim()
  return {
    tag,
    name: (name === '' ? tag : name).slice(0, maxNameLength),
    prerelease: optional(fields, 'prerelease', isBoolean) ?? false,
    draft: optional(fields, 'draft', isBoolean) ?? false,
    published: publishedOf(fields),
    notes: notesOf(fields),
    assets: assetsOf(fields, base),
  }
}

/** The same as the API would say it, without what is not needed: for the cache. */
export const writeRelease = (release: Release): object => ({
  tag_name: release.tag,
  name: release.name,
  prerelease: release.prerelease,
  draft: release.draft,
  published_at: release.published === null ? null : new Date(release.published).toISOString(),
  body: release.notes,
  assets: release.assets.map(({ name, url, size, sha256 }) => ({
    name,
    browser_download_url: url,
    size,
    digest: sha256 === null ? null : `sha256:${sha256}`,
  })),
})

/**
 * Several of them, newest first as the forge lists them, without drafts. One that cannot be read is left out; only the
 * first have their notes.
 * @throws TypeError when none can be read though there are some
 */
export const readReleases = (value: unknown, base: URL): readonly Release[] => {
  if (!isList(value)) throw new TypeError('the answer is no list')
  const releases: Release[] = []
  let problem: Error | null = null
  for (const each of value) {
    try {
      releases.push(readRelease(each, base))
    } catch (thrown) {
      problem ??= thrown instanceof Error ? thrown : new TypeError(String(thrown))
    }
  }
  if (releases.length === 0 && problem !== null) throw problem
  // An upgrade goes to one of the first: what nobody reads would take room in the cache.
  return releases
    .filter(({ draft }) => !draft)
    .map((release, index) => (index < withNotes ? release : { ...release, notes: '' }))
}
