/** One logical line of a requirements file. */
export type RequirementLine =
  | Requirement
  /** Another file whose lines hold too. A constraint asks for nothing, it limits what others ask for. */
  | { readonly kind: 'include'; readonly file: string; readonly constraint: boolean }
  /** --index-url and the like: they hold for all. */
  | { readonly kind: 'option'; readonly text: string }

export interface Requirement {
  readonly kind: 'requirement'
  /** As pip compares names; null for an address or a path that does not tell one. */
  readonly name: string | null
  readonly extras: readonly string[]
  /** What is asked for: versions (empty: any), an address, or a path. Without spaces where they mean nothing. */
  readonly wanted: string
  /** For which machines; empty: for all. */
  readonly marker: string
  /** --hash and other options of this line alone. */
  readonly options: readonly string[]
  /** True for what lies in the file system: another version of the application may bring another content. */
  readonly local: boolean
  /** True for -e. */
  readonly editable: boolean
}

const name = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*((?:[(<>=!~@;].*)?)$/
const address = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|file:|(?:git|hg|bzr|svn)\+)/
const archive = /\.(?:whl|zip|tar|tgz|tbz|tar\.(?:gz|bz2|xz|lzma))$/i

/** pip takes Foo_Bar and foo-bar for the same. */
export const plainName = (text: string): string => text.toLowerCase().replace(/[-_.]+/g, '-')

const include = /^(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(.+)$/
const editable = /^(?:-e|--editable)(?:\s*=\s*|\s+|(?<=-e))(.+)$/

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2')

const extrasOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((extra) => plainName(extra.trim()))
    .filter((extra) => extra !== '')
    .sort()

/** Options stand behind what is asked for. */
const splitOptions = (text: string): { readonly wish: string; readonly options: readonly string[] } => {
  const [wish = '', ...options] = text.split(/\s+(?=--?[A-Za-z])/)
  return { wish, options: options.map((option) => option.replace(/\s+/g, ' ').trim()).sort() }
}

/** A semicolon begins a marker; in an address only behind a space. */
const splitMarker = (text: string, isAddress: boolean): readonly [string, string] => {
  const at = text.search(isAddress ? /\s;/ : /;/)
  if (at < 0) return [text.trim(), '']
  return [
    text.slice(0, at).trim(),
    text
      .slice(at)
      .replace(/^\s*;\s*/, '')
      .trim(),
  ]
}

/** `#egg=name[extras]` of an address. */
const eggOf = (text: string): { readonly name: string | null; readonly extras: readonly string[] } => {
  const [, egg, extras] = /[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?/.exec(text) ?? []
  return { name: egg === undefined ? null : plainName(egg), extras: extrasOf(extras) }
}

const isPath = (text: string): boolean =>
  /^\.{0,2}\//.test(text) ||
  /^\.{1,2}(?:\[|$)/.test(text) ||
  archive.test(text) ||
  /^[^;@<>=!~\s]+\//.test(text)

const direct = (wish: string, options: readonly string[], isEditable: boolean): Requirement => {
  const [wanted, marker] = splitMarker(wish, true)
  const local = !address.test(wanted) || wanted.startsWith('file:')
  return { kind: 'requirement', ...eggOf(wanted), wanted, marker, options, local, editable: isEditable }
}

/** A package by its name; null when it is none. */
const named = (wish: string, options: readonly string[]): Requirement | null => {
  const [, found, extras, rest = ''] = name.exec(wish) ?? []
  if (found === undefined) return null
  const isAddress = rest.startsWith('@')
  const [text, marker] = splitMarker(rest, isAddress)
  const wanted = isAddress ? `@ ${text.slice(1).trim()}` : text.replace(/[\s()]+/g, '')
  return {
    kind: 'requirement',
    name: plainName(found),
    extras: extrasOf(extras),
    wanted,
    marker,
    options,
    local: wanted.startsWith('@ file:'),
    editable: false,
  }
}

const parseRequirement = (line: string): Requirement => {
  const { wish, options } = splitOptions(line)
  const [bare] = splitMarker(wish, true)
  const isNamed = /^[\w.-]+\s*(?:\[[^\]]*\])?\s*@/.test(wish)
  if (!isNamed && (address.test(wish) || isPath(bare))) return direct(wish, options, false)
  // What is not understood is still something that is asked for: it differs, or it does not.
  return named(wish, options) ?? direct(wish, options, false)
}

/** @param line a logical line, not empty */
export const parseLine = (line: string): RequirementLine => {
  const [, file] = include.exec(line) ?? []
  if (file !== undefined) {
    const constraint = /^(?:-c|--constraint)/.test(line)
    return { kind: 'include', file: unquoted(file), constraint }
  }
  const [, source] = editable.exec(line) ?? []
  if (source !== undefined) {
    const { wish, options } = splitOptions(unquoted(source))
    return direct(wish, options, true)
  }
  if (line.startsWith('-')) return { kind: 'option', text: line.replace(/\s+/g, ' ') }
  return parseRequirement(line)
}

/** One text for each wish: two lines that ask for the same have the same. */
export const textOf = (requirement: Requirement): string => {
  const { name: found, extras, wanted, marker, options, editable: isEditable } = requirement
  const brackets = extras.length === 0 ? '' : `[${extras.join(',')}]`
  const what =
    found === null || !(wanted === '' || /^[<>=!~@]/.test(wanted)) ? wanted : `${found}${brackets}${wanted}`
  const parts = [isEditable ? '-e' : '', what, marker === '' ? '' : `; ${marker}`, ...options]
  return parts.filter((part) => part !== '').join(' ')
}
