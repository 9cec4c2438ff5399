/** What `serve` says when it serves. */
interface BannerFacts {
  /** http://host:port; empty when nothing is served over HTTP. */
  readonly address: string
  readonly dataPath: string
  readonly managed: readonly {
    readonly name: string
    readonly version: string
    readonly remoteVersion: string
  }[]
}

const isBehind = ({ version, remoteVersion }: BannerFacts['managed'][number]): boolean =>
  remoteVersion !== '?' && version !== '?' && version !== remoteVersion

const lineOf = (application: BannerFacts['managed'][number]): string => {
  const { name, version, remoteVersion } = application
  if (version === '?') return `  ${name}: not looked at yet`
  return isBehind(application)
    ? `  ${name} ${version}, ${remoteVersion} is available`
    : `  ${name} ${version}`
}

/** The text that `serve` prints: where it is, what it looks after, and what to try next. */
export const demoBanner = ({ address, dataPath, managed }: BannerFacts): string => {
  const behind = managed.find(isBehind)
  const next = behind === undefined ? 'status' : `upgrade ${behind.name}`
  const where = address === '' ? 'on its Unix socket' : `at ${address}`
  const list =
    managed.length === 0
      ? ['It has not looked at any application yet.']
      : ['It looks after:', ...managed.map(lineOf)]
  return [
    `Moonkeeper answers ${where} (data: ${dataPath}).`,
    ...list,
    '',
    `Try, in another terminal:  npx moonkeeper ${next}`,
    'Ctrl-C stops it.',
    '',
  ].join('\n')
}
