import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Files } from '../system/files.js'
import type { HttpClient } from '../system/http.js'
import type { Log } from '../system/log.js'
import { parseFeed, type Feed } from './feed.js'

/** Where feeds come from. */
export interface FeedSource {
  /**
   * @param etag of the version that is known
   * @returns null when nothing is new, and when nothing can be had: nobody waits for news
   */
  read(name: string, etag: string | null, signal: AbortSignal): Promise<FoundFeed | null>
}

export interface FoundFeed {
  readonly feed: Feed
  readonly etag: string | null
}

/** Bytes. */
const largestFeed = 1024 * 1024
/** Milliseconds. */
const timeLimit = 30_000
const answerLimit = 10_000

const readText = async (body: AsyncIterable<Buffer>): Promise<string | null> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    // Leaving the loop ends the download.
    if (length > largestFeed) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

/** @param baseUrl where the files of all feeds are */
export const createWebSource = (baseUrl: string, http: HttpClient, log: Log): FeedSource => ({
  async read(name, etag, signal) {
    const headers = { accept: 'application/xml', ...(etag === null ? {} : { 'if-none-match': etag }) }
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)])
      const answer = await http.get(`${baseUrl}/assets/${name}.xml`, {
        headers,
        answerLimit,
        signal: limited,
      })
      if (answer.status !== 200) {
        answer.body.destroy()
        return null
      }
      const feed = parseFeed((await readText(answer.body)) ?? '')
      return feed === null ? null : { feed, etag: answer.header('etag') }
    } catch (thrown) {
      log.debug({ feed: name, err: thrown }, 'no announcements could be had')
      return null
    }
  },
})

/** compat: for those who write feeds: they lie in the data folder. */
export const createFolderSource = (folder: string, files: Pick<Files, 'readText'>): FeedSource => ({
  async read(name, etag) {
    const xml = await files.readText(path.join(folder, `${name}.xml`)).catch(() => null)
    const feed = xml === null ? null : parseFeed(xml)
    const version = createHash('sha1')
      .update(xml ?? '')
      .digest('hex')
    return feed === null || version === etag ? null : { feed, etag: version }
  },
})

export const noSource: FeedSource = { read: () => Promise.resolve(null) }
