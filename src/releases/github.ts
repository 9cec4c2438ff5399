import path from 'node:path'
import type { Readable } from 'node:stream'
import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import { abortError, StatusAnswer, type HttpAnswer, type HttpClient } from '../system/http.js'
import type { Log } from '../system/log.js'
import { GitHubCache } from './github-cache.js'
import { RateLimit, type RateFigures } from './rate-limit.js'
import { readRelease, readReleases, writeRelease, type Release } from './release.js'
import { repositoryPath, tagPath } from './repository-names.js'

export type ReleaseChannel = 'stable' | 'beta'

export interface ListOptions {
  /** How many, 1 to 100. */
  readonly limit?: number
  /** From 1. */
  readonly page?: number
}

export interface GitHubSetup {
  readonly http: HttpClient
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  /** <data>/moonkeeper: answers are kept in its folder github-cache. */
  readonly dataFolder: string
  /** A forge that speaks as GitHub does. Default: GITHUB_API_URL of the environment, then GitHub. */
  readonly apiUrl?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** For this forge; sent to no other host. */
  readonly token?: string | undefined
}

/** Releases of a forge. @throws remote_failed, rate_limited, bad_argument, refused; the signal's reason */
export interface GitHub {
  /** stable: the latest that is no pre-release; beta: the newest of all. Drafts never. null when there is none. */
  latest(owner: string, repo: string, channel: ReleaseChannel, signal?: AbortSignal): Promise<Release | null>
  /** null when no release has this tag. */
  byTag(owner: string, repo: string, tag: string, signal?: AbortSignal): Promise<Release | null>
  /** Newest first, without drafts. */
  list(owner: string, repo: string, options?: ListOptions, signal?: AbortSignal): Promise<readonly Release[]>
  limits(): RateFigures
}

const publicApi = 'https://api.github.com'
const maxAnswer = 8 * 1024 * 1024
const timeLimit = 30_000
const attempts = 3
const firstPause = 500
/** Releases looked through for one of a channel. */
const lookedThrough = 10

/** @throws bad_argument */
const parseBase = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null
  const web = url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
  if (web && url.username + url.password + url.search + url.hash === '') return url
  throw new MoonkeeperError(
    'bad_argument',
    `'${text}' is no address of an API. One looks like https://codeberg.org/api/v1 (no user, no ?, no #).`,
  )
}

const readText = async (body: Readable, host: string): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswer)
      throw new MoonkeeperError(
        'refused',
        `${host} answered with more than ${maxAnswer} bytes. Nothing was kept.`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface Reply {
  readonly status: number
  readonly etag: string | null
  readonly text: string
}

type Read<T> = (value: unknown, base: URL) => T

class GitHubClient implements GitHub {
  private readonly base: URL
  private readonly cache: GitHubCache
  private readonly rate: RateLimit

  constructor(private readonly setup: GitHubSetup) {
    this.base = parseBase(setup.apiUrl ?? setup.env['GITHUB_API_URL'] ?? publicApi)
    this.cache = new GitHubCache(path.join(setup.dataFolder, 'github-cache'), setup.files, setup.log)
    this.rate = new RateLimit(this.base.host, setup.clock)
  }

  limits(): RateFigures {
    return this.rate.figures()
  }

  async latest(
    owner: string,
    repo: string,
    channel: ReleaseChannel,
    signal?: AbortSignal,
  ): Promise<Release | null> {
    if (channel === 'stable') {
      const latest = await this.get(`${repositoryPath(owner, repo)}/releases/latest`, one, signal)
      if (latest !== null && !latest.prerelease && !latest.draft) return latest
    }
    // Older forges know no "latest", and some take a pre-release for it.
    const releases = await this.list(owner, repo, { limit: lookedThrough }, signal)
    return releases.find(({ prerelease }) => channel === 'beta' || !prerelease) ?? null
  }

  async byTag(owner: string, repo: string, tag: string, signal?: AbortSignal): Promise<Release | null> {
    const release = await this.get(`${repositoryPath(owner, repo)}${tagPath(tag)}`, one, signal)
    if (release === null || release.tag === tag) return release
    throw this.unusable(new TypeError('it is of another tag'))
  }

  async list(
    owner: string,
    repo: string,
    { limit = 30, page = 1 }: ListOptions = {},
    signal?: AbortSignal,
  ): Promise<readonly Release[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 100 || !Number.isSafeInteger(page) || page < 1)
      throw new MoonkeeperError('bad_argument', 'limit must be 1 to 100, page 1 or more.')
    // GitHub's word for it, then Gitea's.
    const query = `per_page=${limit}&limit=${limit}&page=${page}`
    const releases = await this.get(`${repositoryPath(owner, repo)}/releases?${query}`, many, signal)
    if (releases !== null) return releases
    throw new MoonkeeperError(
      'remote_failed',
      `${this.base.host} has no repository ${owner}/${repo}, or shows it to nobody. Look at the option 'repo'.`,
      new StatusAnswer(404),
    )
  }

  /** null: not found. */
  private async get<T extends Release | readonly Release[]>(
    pathAndQuery: string,
    read: Read<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | null> {
    const url = `${this.base.origin}${this.base.pathname.replace(/\/+$/, '')}${pathAndQuery}`
    const cached = await this.readCached(url, read)
    const reply = await this.replyWithin(url, cached?.etag ?? null, signal)
    if (reply.status === 304 && cached !== null) return cached.value
    if (reply.status === 404) return null
    if (reply.status !== 200) throw this.statusError(reply.status)
    const value = this.parse(reply.text, read)
    if (reply.etag !== null) await this.keep(url, reply.etag, value)
    return value
  }

  private async readCached<T>(
    url: string,
    read: Read<T>,
  ): Promise<{ readonly etag: string; readonly value: T } | null> {
    const cached = await this.cache.get(url)
    if (cached === null) return null
    try {
      return { etag: cached.etag, value: read(cached.body, this.base) }
    } catch {
      return null
    }
  }

  private async keep(url: string, etag: string, value: Release | readonly Release[]): Promise<void> {
    const body = value instanceof Array ? value.map(writeRelease) : writeRelease(value)
    await this.cache.put(url, { etag, body })
  }

  private parse<T>(text: string, read: Read<T>): T {
    try {
      return read(JSON.parse(text), this.base)
    } catch (thrown) {
      throw this.unusable(thrown)
    }
  }

  /** Asks until there is an answer that trying again would not better. */
  private async replyWithin(url: string, etag: string | null, signal?: AbortSignal): Promise<Reply> {
    let pause = firstPause
    let refused: StatusAnswer | null = null
    for (let attempt = 1; ; attempt += 1) {
      await this.rate.pass(signal, refused)
      try {
        const reply = await this.reply(url, etag, signal)
        if (reply !== null) return reply
        refused = new StatusAnswer(403)
        if (attempt >= attempts) throw this.rate.refusal(refused)
      } catch (thrown) {
        const temporary = thrown instanceof MoonkeeperError && thrown.kind === 'remote_failed'
        if (!temporary || attempt >= attempts) throw thrown
        await this.setup.clock.wait(pause, signal)
        pause *= 2
      }
    }
  }

  /** null: there were too many requests. */
  private async reply(url: string, etag: string | null, signal?: AbortSignal): Promise<Reply | null> {
    const limit = AbortSignal.timeout(timeLimit)
    const both = signal === undefined ? limit : AbortSignal.any([signal, limit])
    try {
      const answer = await this.ask(url, etag, both)
      try {
        return await this.take(answer)
      } finally {
        answer.body.destroy()
      }
    } catch (thrown) {
      if (signal?.aborted === true) throw abortError(signal)
      if (thrown instanceof MoonkeeperError) throw thrown
      const text = `${this.base.host} did not answer to the end. Is the network all right? Try again later.`
      throw new MoonkeeperError('remote_failed', text, thrown)
    }
  }

  private ask(url: string, etag: string | null, signal: AbortSignal): Promise<HttpAnswer> {
    return this.setup.http.get(url, {
      headers: {
        accept: 'application/vnd.github+json',
        ...(etag === null ? {} : { 'if-none-match': etag }),
      },
      token: this.setup.token,
      signal,
    })
  }

  private async take(answer: HttpAnswer): Promise<Reply | null> {
    if (this.rate.note(answer)) return null
    if (answer.status >= 500) throw this.statusError(answer.status)
    const text = answer.status === 200 ? await readText(answer.body, this.base.host) : ''
    return { status: answer.status, etag: answer.header('etag'), text }
  }

  private statusError(status: number): MoonkeeperError {
    const { host } = this.base
    if (status === 401)
      return new MoonkeeperError(
        'refused',
        `${host} does not accept the token (401). Look at it in [secrets].`,
        new StatusAnswer(status),
      )
    const kind = status >= 500 ? 'remote_failed' : 'refused'
    return new MoonkeeperError(
      kind,
      `${host} answered ${status} when asked for releases. Try again later.`,
      new StatusAnswer(status),
    )
  }

  private unusable(thrown: unknown): MoonkeeperError {
    const why = thrown instanceof TypeError ? thrown.message : 'it is no JSON'
    const text = `What ${this.base.host} answered cannot be used: ${why}. Look whether its address is right.`
    return new MoonkeeperError('remote_failed', text, thrown)
  }
}

const one: Read<Release> = readRelease
const many: Read<readonly Release[]> = readReleases

/** @throws bad_argument when the address is none */
export const createGitHub = (setup: GitHubSetup): GitHub => new GitHubClient(setup)
