import type { IncomingMessage } from 'node:http'
import { encode } from '../contract/encoded.js'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { FileChange } from '../roots/file-change.js'
import type { ReadableFile } from '../roots/reading.js'
import type { Inside } from './door.js'
import { sendFile } from './file-answer.js'
import { plainError, resultAnswer, type Answer } from './http-answer.js'
import type { Respond, Route, Streamed, Verbs } from './routes.js'
import { Uploads } from './upload.js'

/** Every file has an address below this. */
const filesPath = '/server/files/'
export const uploadPath = '/server/files/upload'

/** What begins otherwise is nobody's: compat: a 404 whatever the verb. */
export const isOfFile = ({ app }: Inside, path: string): boolean =>
  path.startsWith(filesPath) && app.files.knows(path.slice(filesPath.length).split('/', 1)[0] ?? '')

/** @throws not_found, for what is no UTF-8 */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch (thrown) {
    throw new MoonkeeperError('not_found', `${text} is no path`, thrown)
  }
}

/** compat: what leads out of its root is 403 here. @throws forbidden */
const refuseWayOut = (relative: string): void => {
  let depth = 0
  for (const part of relative.split('/')) {
    if (part === '..') depth -= 1
    else if (part !== '' && part !== '.') depth += 1
    if (depth < 0 || part.includes('\0'))
      throw new MoonkeeperError('forbidden', 'That is outside of its root')
  }
}

interface Address {
  /** A root, or a log that has an address of its own. */
  readonly first: string
  readonly relative: string
}

/** @throws not_found, forbidden */
const addressOf = ({ url = '' }: IncomingMessage, prefix: string): Address => {
  const path = (url.split('?', 1)[0] ?? '').slice(prefix.length + filesPath.length)
  const [first = '', ...names] = path.split('/').map(decoded)
  const relative = names.join('/')
  refuseWayOut(relative)
  return { first, relative }
}

const locationOf = ({ headers, socket }: IncomingMessage, prefix: string, { item }: FileChange): string => {
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  const names = [item.root, ...item.path.split('/')].map(encodeURIComponent).join('/')
  return `${scheme}://${headers.host ?? 'localhost'}${prefix}${filesPath}${names}`
}

/** compat: the status line says what happened; what it means stands where nobody else puts something. */
const refusalAnswer = (thrown: unknown, log: Inside['log']): Answer => {
  const error = asMoonkeeperError(thrown)
  if (error.kind === 'internal') log.error({ err: thrown }, 'a file could not be served')
  const detail = error.kind === 'internal' ? '' : error.message
  const headers = error.kind === 'read_only' ? { Allow: 'GET, HEAD' } : {}
  return plainError(error.status, error.kind, headers, detail)
}

/** A refusal of anything to do with files is answered, unless its client hung up. */
const refusing =
  (inside: Inside, respond: Respond): Respond =>
  async (request, guest) => {
    try {
      return await respond(request, guest)
    } catch (thrown) {
      if (request.destroyed && !request.complete) throw thrown
      return refusalAnswer(thrown, inside.log)
    }
  }

/** The form that brings a new file. */
export const uploadRoute = (inside: Inside, prefix: string): Respond => {
  const uploads = new Uploads(inside.app.files)
  return refusing(inside, async (request) => {
    const change = await uploads.receive(request)
    return {
      status: 201,
      headers: { Location: locationOf(request, prefix, change) },
      contentType: 'application/json; charset=UTF-8',
      // compat: not wrapped in a result.
      body: encode(JSON.stringify(change)),
    }
  })
}

const openAt = async ({ app }: Inside, { first, relative }: Address): Promise<ReadableFile> => {
  const log = relative === '' ? await app.files.openLog(first) : null
  return log ?? app.files.open(first, relative)
}

/** A file that is closed when it is sent. */
export const streamOf = (request: IncomingMessage, file: ReadableFile): Streamed => ({
  stream: async (response, headers) => {
    try {
      await sendFile(request, response, file, headers)
    } finally {
      await file.close()
    }
  },
})

const download =
  (inside: Inside, prefix: string): Respond =>
  async (request): Promise<Streamed> => {
    return streamOf(request, await openAt(inside, addressOf(request, prefix)))
  }

const removal =
  (inside: Inside, prefix: string): Respond =>
  async (request) => {
    const { first, relative } = addressOf(request, prefix)
    return resultAnswer(await inside.app.files.changes.deleteFile(`${first}/${relative}`))
  }

/** What answers at the addresses of files. Who writes them needs more than who reads them. */
export const fileVerbs = (inside: Inside, prefix: string): Verbs => {
  const read: Route = { scope: 'read', respond: refusing(inside, download(inside, prefix)) }
  const write: Route = { scope: 'admin', respond: refusing(inside, removal(inside, prefix)) }
  return new Map([
    ['DELETE', write],
    ['GET', read],
    ['HEAD', read],
  ])
}
