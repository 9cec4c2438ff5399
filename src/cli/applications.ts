import { oneLine } from './terminal-text.js'

/** How an application is. */
export type Condition = 'current' | 'behind' | 'invalid'

/** One application as it is shown. All texts are safe for a terminal. */
export interface ApplicationView {
  readonly name: string
  readonly type: string
  readonly version: string
  readonly remoteVersion: string
  readonly condition: Condition
  /** The condition in words. */
  readonly state: string
  /** What forbids an update. */
  readonly warnings: readonly string[]
}

export interface StatusView {
  readonly busy: boolean
  readonly applications: readonly ApplicationView[]
}

type Entry = Readonly<Record<string, unknown>>

const isEntry = (value: unknown): value is Entry =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const text = (value: unknown): string => (typeof value === 'string' ? oneLine(value) : '')

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(text).filter((item) => item !== '') : []

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const bare = (version: string): string => version.replace(/^v(?=\d)/, '')

/** What an update would bring, in words; null when nothing. */
const news = (entry: Entry): string | null => {
  const commits = entry['commits_behind_count']
  if (typeof commits === 'number') return commits > 0 ? `${plural(commits, 'commit')} behind` : null
  const packages = entry['package_count']
  if (typeof packages === 'number') return packages > 0 ? `${plural(packages, 'package')} to update` : null
  const remote = text(entry['remote_version'])
  const known = remote !== '' && remote !== '?'
  return known && bare(remote) !== bare(text(entry['version'])) ? 'update available' : null
}

/** Everything that the server says against an update, the most telling first. */
const reasons = (entry: Entry): readonly string[] => {
  const warnings = texts(entry['warnings'])
  return warnings.length > 0 ? warnings : [...texts([entry['last_error']]), ...texts(entry['anomalies'])]
}

const stateOf = (entry: Entry): Pick<ApplicationView, 'condition' | 'state'> => {
  const behind = news(entry)
  if (entry['is_valid'] === false) {
    const [first = 'the server gives no reason'] = reasons(entry)
    if (entry['is_dirty'] !== true || entry['corrupt'] === true) {
      return { condition: 'invalid', state: `invalid: ${first}` }
    }
    return { condition: 'invalid', state: behind === null ? 'dirty' : `dirty, ${behind}` }
  }
  return behind === null
    ? { condition: 'current', state: 'up to date' }
    : { condition: 'behind', state: behind }
}

const viewOf = (name: string, entry: Entry): ApplicationView => ({
  name: oneLine(name),
  type: text(entry['configured_type']),
  version: text(entry['version']),
  remoteVersion: text(entry['remote_version']),
  ...stateOf(entry),
  warnings: entry['is_valid'] === false ? reasons(entry) : [],
})

/**
 * What machine.update.status answers, as far as it is shown. It is read with care: other servers, and types of
 * applications that are not known here, answer too.
 */
export const readStatus = (result: unknown): StatusView => {
  const status = isEntry(result) ? result : {}
  const info = isEntry(status['version_info']) ? status['version_info'] : {}
  return {
    busy: status['busy'] === true,
    applications: Object.entries(info).flatMap(([name, entry]) =>
      isEntry(entry) ? [viewOf(name, entry)] : [],
    ),
  }
}
