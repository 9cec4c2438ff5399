import type { Readable } from 'node:stream'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import { chunkDone } from './garbage.js'
import type { Clock } from './clock.js'
import type { Files } from './files.js'
import { abortError, StatusAnswer, type AddressGuard, type HttpAnswer, type HttpClient } from './http.js'
import { discardPart, PartialFile, type Validator } from './partial-file.js'

export interface DownloadLimits {
  /** Bytes; more is refused. Default 2 GiB. */
  readonly maxSize: number
  /** Milliseconds without a byte, after which a try ends. Default 30 000. */
  readonly stall: number
  /** Milliseconds for everything. Default one hour. */
  readonly total: number
  /** Tries in a row that bring nothing new. Default 5. */
  readonly attempts: number
}

export interface DownloadRequest {
  readonly url: string
  /** Where the whole file is to be, in place of what is there. One download at a time for a target. */
  readonly target: string
  /** Bytes that were published; null when that is not known. */
  readonly size?: number | null
  /** Hexadecimal digest that was published; null when there is none. */
  readonly sha256?: string | null
  /** Decides which addresses may be asked. */
  readonly guard?: AddressGuard | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes so far, and of the whole (null: unknown). At most four times a second, and at the end. */
  readonly progress?: (bytes: number, total: number | null) => void
  readonly limits?: Partial<DownloadLimits>
}

export interface Downloaded {
  readonly bytes: number
  readonly sha256: string
}

export interface Downloads {
  /**
   * Streams to `<target>.part` and gives it its name when it is whole, as published, and on the disk. A cut is resumed,
   * also by a later call for the same address and target. An abort keeps what came, so does a failure of the network.
   * @throws remote_failed, refused, digest_mismatch, no_space, command_failed (the file system); the signal's reason
   */
  fetch(request: DownloadRequest): Promise<Downloaded>
  /** Removes what an interrupted download to this target left. */
  discard(target: string): Promise<void>
}

const defaults: DownloadLimits = {
  maxSize: 2 * 1024 ** 3,
  stall: 30_000,
  total: 60 * 60_000,
  attempts: 5,
}
const firstPause = 500
const longestPause = 30_000
const progressInterval = 250

/** What another try may mend. */
class Interruption extends Error {
  constructor(readonly error: MoonkeeperError) {
    super(error.message)
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'the server')

const statusError = (url: string, status: number): Error => {
  const temporary = status === 408 || status === 425 || status === 429 || status >= 500
  const next = temporary ? 'Try again later.' : 'Look whether it is still published.'
  const text = `${hostOf(url)} answered ${status} instead of the file. ${next}`
  const error = new MoonkeeperError('remote_failed', text, new StatusAnswer(status))
  return temporary ? new Interruption(error) : error
}

const sizeOf = (text: string | null | undefined): number | null => {
  const size = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN
  return Number.isSafeInteger(size) ? size : null
}

/** @returns null when a part of the file did not come as it was asked for */
const rangeOf = (answer: HttpAnswer): { readonly start: number; readonly total: number | null } | null => {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '')
  const start = sizeOf(match?.[1])
  return start === null ? null : { start, total: sizeOf(match?.[2]) }
}

const validatorOf = (answer: HttpAnswer): Validator => {
  const etag = answer.header('etag')
  const strong = etag !== null && /^"[^"]*"$/.test(etag) ? etag : null
  return {
    ifRange: strong ?? answer.header('last-modified'),
    total: sizeOf(answer.header('content-length')),
  }
}

/** False when the answer names another version than the one that the part is of. */
const sameVersion = (answer: HttpAnswer, { ifRange }: Validator): boolean => {
  const etag = answer.header('etag')
  return etag === null || ifRange?.startsWith('"') !== true || etag === ifRange
}

/** True when the answer goes on where the part ends. */
const continues = (answer: HttpAnswer, part: PartialFile): boolean => {
  const range = rangeOf(answer)
  const known = part.validator
  if (answer.status !== 206 || range === null || known === null) return false
  if (range.start !== part.size || !sameVersion(answer, known)) return false
  return known.total === null || range.total === known.total
}

/** Ends a body that brings nothing for so long. What the disk takes does not count. */
class StallWatch {
  private waiting = false
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly body: Readable,
    limit: number,
  ) {
    this.timer = setInterval(() => {
      if (this.waiting) this.body.destroy(new Error(`nothing came for ${limit / 1000} s`))
    }, limit)
  }

  async wait<T>(work: Promise<T>): Promise<T> {
    this.timer.refresh()
    this.waiting = true
    try {
      return await work
    } finally {
      this.waiting = false
    }
  }

  stop(): void {
    clearInterval(this.timer)
  }
}

/** One file that is fetched, in as many tries as it takes. */
class Download {
  private readonly limits: DownloadLimits
  private lastProgress = Number.NEGATIVE_INFINITY

  constructor(
    private readonly request: DownloadRequest,
    private readonly part: PartialFile,
    private readonly signal: AbortSignal,
    private readonly http: HttpClient,
    private readonly clock: Clock,
  ) {
    this.limits = { ...defaults, ...request.limits }
  }

  /** @throws Interruption when the last try was cut */
  async run(): Promise<Downloaded> {
    let best = this.part.size
    for (let attempt = 1; !this.complete(); attempt += 1) {
      try {
        await this.attempt()
        break
      } catch (thrown) {
        if (!(thrown instanceof Interruption)) throw thrown
        if (this.part.size > best) attempt = 0
        if (attempt >= this.limits.attempts) throw thrown
        best = Math.max(best, this.part.size)
        await this.clock.wait(Math.min(firstPause * 2 ** Math.max(attempt - 1, 0), longestPause), this.signal)
      }
    }
    const done = { bytes: this.part.size, sha256: this.part.digest }
    this.compare(done)
    this.request.progress?.(done.bytes, done.bytes)
    return done
  }

  /** All came already, and only its name is missing: known when there is a digest to tell. */
  private complete(): boolean {
    const { sha256 } = this.request
    return this.part.size > 0 && typeof sha256 === 'string' && this.part.digest === sha256.toLowerCase()
  }

  private async attempt(): Promise<void> {
    const answer = await this.open()
    try {
      await this.receive(answer.body)
    } finally {
      answer.body.destroy()
    }
    const { total } = this.part.validator ?? { total: null }
    const wanted = this.request.size ?? total
    if (wanted !== null && this.part.size < wanted) throw this.cut(new Error('it ended too early'))
  }

  /** An answer whose body goes on where the part ends; what cannot be resumed begins anew. */
  private async open(): Promise<HttpAnswer> {
    const answer = await this.ask()
    try {
      if (continues(answer, this.part)) return answer
      const resumed = this.part.size > 0
      const unusable = resumed && (answer.status === 206 || answer.status === 416)
      if (answer.status !== 200 && !unusable) throw statusError(this.request.url, answer.status)
      if (resumed) await this.part.restart()
      if (!unusable) {
        await this.begin(answer)
        return answer
      }
    } catch (thrown) {
      answer.body.destroy()
      throw thrown
    }
    answer.body.destroy()
    return this.open()
  }

  private async ask(): Promise<HttpAnswer> {
    const { size, validator } = this.part
    const ifRange = validator?.ifRange ?? null
    // What nothing proves to belong together is not put together.
    if (size > 0 && ifRange === null) await this.part.restart()
    const resume = this.part.size > 0 && ifRange !== null
    const range = resume ? { range: `bytes=${size}-`, 'if-range': ifRange } : {}
    try {
      return await this.http.get(this.request.url, {
        headers: { 'accept-encoding': 'identity', ...range },
        guard: this.request.guard,
        signal: this.signal,
        answerLimit: this.limits.stall,
      })
    } catch (thrown) {
      const temporary = thrown instanceof MoonkeeperError && thrown.kind === 'remote_failed'
      throw temporary ? new Interruption(thrown) : thrown
    }
  }

  private async begin(answer: HttpAnswer): Promise<void> {
    const encoding = answer.header('content-encoding') ?? 'identity'
    if (encoding !== 'identity') {
      const text = `${hostOf(this.request.url)} packs the file once more (${encoding.slice(0, 40)}), though that was not asked for.`
      throw new MoonkeeperError('remote_failed', `${text} Nothing was kept; tell its owner.`)
    }
    const validator = validatorOf(answer)
    this.checkSize(validator.total)
    await this.part.begin(validator)
  }

  private checkSize(total: number | null): void {
    if (total === null) return
    const { size = null, url } = this.request
    if (size !== null && total !== size) throw this.mismatch(`${total} bytes instead of ${size}`)
    if (total <= this.limits.maxSize) return
    const text = `The file at ${hostOf(url)} has more than the ${this.limits.maxSize} bytes that are allowed.`
    throw new MoonkeeperError('refused', `${text} Nothing was kept.`)
  }

  private async receive(body: Readable): Promise<void> {
    const watch = new StallWatch(body, this.limits.stall)
    const chunks = body.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer, undefined>
    try {
      for (;;) {
        const next = await watch.wait(chunks.next()).catch((thrown: unknown) => {
          throw this.signal.aborted ? thrown : this.cut(thrown)
        })
        if (next.done === true) return
        await this.take(next.value)
      }
    } finally {
      watch.stop()
    }
  }

  private async take(chunk: Buffer): Promise<void> {
    const bytes = this.part.size + chunk.length
    const { size = null } = this.request
    if (size !== null && bytes > size) throw this.mismatch(`more than ${size} bytes`)
    if (size === null) this.checkSize(bytes)
    await this.part.write(chunk)
    chunkDone(chunk.length)
    this.tell(bytes, size ?? this.part.validator?.total ?? null)
  }

  private tell(bytes: number, total: number | null): void {
    const now = this.clock.now()
    if (now - this.lastProgress < progressInterval && now >= this.lastProgress) return
    this.lastProgress = now
    this.request.progress?.(bytes, total)
  }

  /** Its size was looked at on the way. */
  private compare({ sha256 }: Downloaded): void {
    const { sha256: expected = null } = this.request
    if (expected !== null && sha256 !== expected.toLowerCase())
      throw this.mismatch(`SHA-256 ${sha256} instead of ${expected.toLowerCase()}`)
  }

  private mismatch(what: string): MoonkeeperError {
    const text = `What ${hostOf(this.request.url)} sent is not what was published: ${what}.`
    return new MoonkeeperError(
      'digest_mismatch',
      `${text} It was thrown away. Try again; if it stays so, tell its owner.`,
    )
  }

  private cut(thrown: unknown): Interruption {
    const { code, message } = thrown as NodeJS.ErrnoException
    const text = `The download from ${hostOf(this.request.url)} was cut after ${this.part.size} bytes (${code ?? message}).`
    return new Interruption(
      new MoonkeeperError('remote_failed', `${text} What came is kept; try again.`, thrown),
    )
  }
}

/** What must not be taken up again. */
const spoiled: ReadonlySet<string> = new Set(['digest_mismatch', 'no_space', 'refused'])

const failure = (thrown: unknown, request: DownloadRequest, signal: AbortSignal): Error => {
  if (request.signal?.aborted === true) return abortError(request.signal)
  if (signal.aborted) {
    const text = `The download from ${hostOf(request.url)} took too long and was ended. What came is kept; try again.`
    return new MoonkeeperError('remote_failed', text, thrown)
  }
  return thrown instanceof Interruption ? thrown.error : asMoonkeeperError(thrown)
}

const settle = async (part: PartialFile, error: Error): Promise<void> => {
  try {
    if (error instanceof MoonkeeperError && spoiled.has(error.kind)) await part.drop()
    else await part.leave()
  } catch {
    // The first failure is the one to tell.
  }
}

export interface DownloadsSetup {
  readonly http: HttpClient
  readonly files: Files
  readonly clock: Clock
}

export const createDownloads = ({ http, files, clock }: DownloadsSetup): Downloads => ({
  async fetch(request) {
    request.signal?.throwIfAborted()
    const limit = AbortSignal.timeout(request.limits?.total ?? defaults.total)
    const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit])
    let part: PartialFile | null = null
    try {
      part = await PartialFile.open(request.target, request.url, files)
      const done = await new Download(request, part, signal, http, clock).run()
      await part.finish()
      return done
    } catch (thrown) {
      const error = failure(thrown, request, signal)
      if (part !== null) await settle(part, error)
      throw error
    }
  },
  discard: (target) => discardPart(target, files),
})
