import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'

export interface CachedAnswer {
  readonly etag: string
  readonly body: unknown
}

export interface CacheLimits {
  readonly entries: number
  /** Bytes of one entry, and of all. */
  readonly entrySize: number
  readonly size: number
}

const defaults: CacheLimits = { entries: 200, entrySize: 256 * 1024, size: 8 * 1024 * 1024 }

const parse = (text: string, url: string): CachedAnswer | null => {
  try {
    const entry = JSON.parse(text) as Partial<Record<'url' | 'etag' | 'body', unknown>> | null
    if (entry?.url !== url || typeof entry.etag !== 'string') return null
    return { etag: entry.etag, body: entry.body }
  } catch {
    return null
  }
}

/**
 * What a forge answered, with the ETag that asks whether it is still so. One file an address. It saves requests and
 * nothing else: what cannot be read is not there, what cannot be written is not kept.
 */
export class GitHubCache {
  private readonly limits: CacheLimits

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    private readonly log: Log,
    limits: Partial<CacheLimits> = {},
  ) {
    this.limits = { ...defaults, ...limits }
  }

  async get(url: string): Promise<CachedAnswer | null> {
    try {
      const text = await this.files.readText(this.fileOf(url))
      return text === null ? null : parse(text, url)
    } catch (err) {
      this.log.warn({ err }, 'the cache of releases could not be read')
      return null
    }
  }

  async put(url: string, answer: CachedAnswer): Promise<void> {
    const text = `${JSON.stringify({ url, ...answer })}\n`
    try {
      if (Buffer.byteLength(text) > this.limits.entrySize) return await this.files.remove(this.fileOf(url))
      await this.files.makeFolder(this.folder)
      await this.files.writeText(this.fileOf(url), text)
      await this.prune()
    } catch (err) {
      this.log.warn({ err }, 'the cache of releases could not be written')
    }
  }

  private fileOf(url: string): string {
    return path.join(this.folder, `${createHash('sha256').update(url).digest('hex').slice(0, 40)}.json`)
  }

  /** The oldest go first. */
  private async prune(): Promise<void> {
    const found = []
    for (const { name } of await this.files.list(this.folder)) {
      const file = path.join(this.folder, name)
      const stats = await this.files.stat(file)
      if (stats !== null) found.push({ file, size: stats.size, time: stats.mtimeMs })
    }
    found.sort((a, b) => b.time - a.time)
    let size = 0
    for (const [index, each] of found.entries()) {
      size += each.size
      if (index >= this.limits.entries || size > this.limits.size) await this.files.remove(each.file)
    }
  }
}
