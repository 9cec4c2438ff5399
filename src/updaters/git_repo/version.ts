import { harmless } from '../../contract/text.js'

/**
 * Versions of git checkouts: `<tag>-<commits since>-g<hash>`, as `git describe --long` tells them.
 * compat: what counts as a version, and its order, follow Moonraker: a tag is [v]N[.N...][a|b|c|rc|alpha|beta|pre|preview[N]].
 */
export interface GitVersion {
  /** The text as it came. */
  readonly full: string
  /** False for a bare hash or anything else that is not a version. */
  readonly valid: boolean
  readonly tag: string
  readonly release: readonly number[]
  /** 1 alpha, 2 beta, 3 candidate, 4 final. */
  readonly stage: 1 | 2 | 3 | 4
  readonly stageNumber: number
  /** Commits since the tag. */
  readonly commits: number
  /** True when it was made up because there is no tag. */
  readonly inferred: boolean
}

const pattern =
  /^(?<tag>v?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<label>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?<number>\d+)?)?)(?:-(?<commits>\d+)(?:-g[0-9a-f]+)?)?(?:-dirty)?(?<inferred>-(?:inferred|shallow))?$/i

const stageOf = (label: string | undefined): GitVersion['stage'] => {
  switch (label?.[0]?.toLowerCase()) {
    case undefined:
      return 4
    case 'a':
      return 1
    case 'b':
      return 2
    default:
      return 3
  }
}

export const parseVersion = (text: string): GitVersion => {
  const found = pattern.exec(text.trim())?.groups
  if (!found) {
    return {
      full: text.trim(),
      valid: false,
      tag: '?',
      release: [],
      stage: 4,
      stageNumber: 0,
      commits: 0,
      inferred: false,
    }
  }
  return {
    full: text.trim(),
    valid: true,
    tag: found['tag'] ?? '?',
    release: (found['release'] ?? '').split('.').map(Number),
    stage: stageOf(found['label']),
    stageNumber: Number(found['number'] ?? 0),
    commits: Number(found['commits'] ?? 0),
    inferred: found['inferred'] !== undefined,
  }
}

/** The version as front ends show it. */
export const shortVersion = (text: string): string => {
  const version = parseVersion(text)
  return version.valid ? `${version.tag}-${version.commits}` : '?'
}

/** A tag where there is one, else what git describe tells; edits are no part of it. */
export const listedVersion = (described: string): string => {
  const clean = described.replace(/-dirty$/, '')
  return /^(.+)-0-g[0-9a-f]+$/.exec(clean)?.[1] ?? clean
}

/** Without a tag git describe falls back to a hash, which may look like a number. */
export const isBareHash = (text: string): boolean => /^[0-9a-f]{7,64}$/.test(text)

/** As the status shows it; what is no version there (a hash, a tag of other words) as it is. */
export const plainVersion = (text: string): string => {
  const short = isBareHash(text) ? '?' : shortVersion(text)
  return short === '?' ? harmless(listedVersion(text)) : short
}

const compareLists = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Below zero when a is older than b. */
export const compareVersions = (a: GitVersion, b: GitVersion): number =>
  compareLists(a.release, b.release) ||
  a.stage - b.stage ||
  a.stageNumber - b.stageNumber ||
  a.commits - b.commits

/** The stable channel takes tags that are no pre-release, beta also candidates and betas. */
export const channelTakes = (channel: 'stable' | 'beta', version: GitVersion): boolean =>
  version.valid && (channel === 'stable' ? version.stage === 4 : version.stage !== 1)

const stageLabels = ['', 'a', 'b', 'rc'] as const

/**
 * A guess at the tag before this one, for a checkout that is older than its first tag.
 * compat: v1.3.0 -> v1.2.0, v1.0.0 -> v0.0.0, 1.3.0rc2 -> 1.3.0.rc1.
 */
export const inferPreviousTag = (version: GitVersion): string => {
  if (!version.valid) return 'v0.0.0'
  if (version.inferred) return version.tag
  if (version.stage !== 4 && (version.stage > 1 || version.stageNumber > 0)) {
    const [stage, number] =
      version.stageNumber === 0 ? [version.stage - 1, 0] : [version.stage, version.stageNumber - 1]
    return `${version.release.join('.')}.${stageLabels[stage] ?? 'rc'}${number}`
  }
  const parts = [...version.release]
  const last = parts.findLastIndex((part) => part > 0)
  if (last >= 0) parts[last] = (parts[last] ?? 1) - 1
  return `v${parts.join('.')}`
}
