import { fileURLToPath } from 'node:url'
import type { CommandOptions } from '../system/commands.js'
import type { Check, DoctorHost, Look, Trouble } from './check.js'
import { probeUrl } from './forge.js'
import type { Reply } from './web.js'

/** As many are asked; hardly anybody has more. */
const most = 40

const limits: CommandOptions = {
  timeout: 5_000,
  maxOutput: 4 * 1024 * 1024,
  env: { LC_ALL: 'C.UTF-8' },
  readsOnly: true,
}

/**
 * apt-get(8): a line for every list of packages, with its address, and what it is called below its release.
 * --no-release-info: also of what could never be fetched.
 */
const targets = [
  ...(['apt-get', 'indextargets', '--no-release-info'] as const),
  ...['--format', '$(URI) $(METAKEY)', 'Created-By: Packages'],
] as const

const acquire = ['apt-config', 'dump', '--format', '%F "%v"%n', 'Acquire'] as const

/** Folders of releases, each once: where InRelease or Release lies. */
export const releasesIn = (text: string): readonly string[] => [
  ...new Set(
    text.split('\n').flatMap((line) => {
      const [uri = '', key = ''] = line.trim().split(' ')
      return /^(?:https?|file):/.test(uri) && key !== '' && uri.endsWith(key)
        ? [uri.slice(0, -key.length)]
        : []
    }),
  ),
]

const proxy = /^Acquire::https?::(?:[^ ]*::)?Proxy(?:-Auto-Detect)?(?:::[^ ]*)? "(?!DIRECT"|")/im

const saidBy = async (
  argv: readonly [string, ...string[]],
  { commands }: DoctorHost,
): Promise<string | null> => {
  const result = await commands.run(argv, limits).catch(() => null)
  return result?.code === 0 ? result.stdout.toString('utf8') : null
}

/** What apt takes packages from; a text that says why it is not known. */
export const releasesOf = async (host: DoctorHost): Promise<readonly string[] | string> => {
  const listed = await saidBy(targets, host)
  if (listed === null) return 'There is no apt here that could tell its package sources'
  if (proxy.test((await saidBy(acquire, host)) ?? ''))
    return 'Packages come through a proxy, which is not asked here'
  return releasesIn(listed).slice(0, most)
}

const shown = (text: string): string => new URL(text).host

const gone = (release: string): Trouble => ({
  code: 'apt_source_gone',
  about: release,
  cause: `The package source ${release} does not exist any more: as a rule the release of the operating system is out of support, or its packages were moved to an archive`,
  repair: `grep -rn "${shown(release) || new URL(release).pathname}" /etc/apt/sources.list /etc/apt/sources.list.d; name the archive there, or upgrade the operating system`,
})

const unreachable = (release: string, why: string): Trouble => ({
  code: 'apt_source_unreachable',
  about: release,
  cause: `The package source ${release} does not answer: ${why}`,
  repair: 'If the network is up, try again later, or use another mirror',
})

/** What was heard of a release: whether anybody spoke, and what is wrong. */
interface Heard {
  readonly kind: Reply['kind']
  readonly troubles: readonly Trouble[]
}

const fine: Heard = { kind: 'answer', troubles: [] }

const hearFolder = async (release: string, { files }: DoctorHost): Promise<Heard> => {
  const found = await files.stat(fileURLToPath(new URL(release)))
  return found === null ? { kind: 'answer', troubles: [gone(release)] } : fine
}

const hear = async (release: string, host: DoctorHost): Promise<Heard> => {
  if (release.startsWith('file:')) return hearFolder(release, host)
  for (const name of ['InRelease', 'Release']) {
    const reply = await host.web.ask(`${release}${name}`)
    const { kind } = reply
    if (kind === 'nameless') return { kind, troubles: [unreachable(release, 'its name leads to no address')] }
    if (kind === 'silent') return { kind, troubles: [unreachable(release, reply.why)] }
    // A name and a password that apt may have, and we have not.
    if (reply.status < 400 || reply.status === 401 || reply.status === 403) return fine
    if (reply.status !== 404 && reply.status !== 410)
      return { kind, troubles: [unreachable(release, `HTTP ${reply.status}`)] }
  }
  return { kind: 'answer', troubles: [gone(release)] }
}

/** Whether anybody else in the network speaks. */
const isConnected = async ({ forges, web }: DoctorHost): Promise<boolean> => {
  const replies = await Promise.all(forges.map((forge) => web.ask(probeUrl(forge))))
  return replies.some(({ kind }) => kind === 'answer')
}

const troublesIn = async (heard: readonly Heard[], host: DoctorHost): Promise<Look> => {
  if (heard.some(({ kind }) => kind === 'answer') || heard.length === 0 || (await isConnected(host)))
    return heard.flatMap(({ troubles }) => troubles)
  return { unknown: 'Nobody in the network answers, so that they cannot be asked' }
}

export const aptSources: Check = {
  name: 'apt_sources',
  async look(host) {
    const releases = await releasesOf(host)
    if (typeof releases === 'string') return { unknown: releases }
    return troublesIn(await Promise.all(releases.map((release) => hear(release, host))), host)
  },
}
