import { compare, valid } from '@renovatebot/pep440'

/** The parts of a version as it is written (PEP 440). */
interface Parts {
  /** "v" where it begins with one. */
  readonly prefix: string
  readonly release: string
  /** As written: b1, .rc2. */
  readonly pre: string
  readonly post: string
  /** The number of a development version; null for any other. */
  readonly dev: number | null
  readonly local: string | null
}

const pattern =
  /^(v)?(?:\d+!)?(\d+(?:\.\d+)*)([-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?(-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?([-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i

const parse = (version: string): Parts | null => {
  const found = pattern.exec(version.trim())
  if (found === null || valid(version.trim()) === null) return null
  const [, prefix = '', release = '', pre = '', post = '', dev, number = '', local = null] = found
  return { prefix, release, pre, post, dev: dev === undefined ? null : Number(number), local }
}

export const isPythonVersion = (version: string): boolean => parse(version) !== null

/** Below 0: `one` is older; null when one of them is no version. */
export const comparePythonVersions = (one: string, other: string): number | null =>
  isPythonVersion(one) && isPythonVersion(other) ? compare(one.trim(), other.trim()) : null

export const isSamePythonVersion = (one: string, other: string): boolean =>
  one === other || comparePythonVersions(one, other) === 0

export const isNewerPythonVersion = (one: string, other: string): boolean =>
  (comparePythonVersions(one, other) ?? 0) > 0

export const isPreRelease = (version: string): boolean => {
  const parts = parse(version)
  return parts !== null && (parts.pre !== '' || parts.dev !== null)
}

/** compat: how a status shows a version: release, pre-release, post-release, and the number of a development version. */
export const shortPythonVersion = (version: string): string => {
  const parts = parse(version)
  if (parts === null) return '?'
  const { prefix, release, pre, post, dev } = parts
  return `${prefix}${release}${pre}${post}${dev === null || dev === 0 ? '' : `-${dev}`}`
}

const bumped = (release: string): string => {
  const [, above, last] = /^(.*)\.(\d+)$/.exec(release) ?? []
  return above === undefined ? release : `v${above}.${Number(last) + 1}`
}

/** compat: how a commit after a version is called, of which nothing is known but its hash. */
export const versionAfter = (version: string, commit: string): string => {
  const parts = parse(version)
  if (parts === null) return '?'
  const { release, pre, post, dev } = parts
  const base = dev === null || dev === 0 ? bumped(release) : release
  return `${base}${pre}${post}.dev${(dev ?? 0) + 1}+g${commit.slice(0, 8)}`
}

/** Of a version that setuptools-scm and the like made: the commit that it was built of; null when it tells none. */
export const commitOfVersion = (version: string): string | null =>
  parse(version)?.local?.slice(1).split('.')[0] ?? null

const gitVersion =
  /^v?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?(?:-\d+(?:-g[0-9a-f]+)?)?(-dirty)?(?:-(?:inferred|shallow))?$/i

/** True when it was built of edited files: as `git describe` said, or as the local part of its version does. */
export const isBuiltDirty = (version: string, described: string | null): boolean => {
  const found = described === null ? null : gitVersion.exec(described.trim())
  if (found !== null) return found[1] !== undefined
  return /^g[0-9a-f]+[-_.]/i.test(parse(version)?.local ?? '')
}
