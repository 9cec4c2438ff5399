import type { IncomingMessage } from 'node:http'
import { MoonkeeperError } from '../contract/error.js'
import type { Image } from '../contract/generated/types.js'
import type { ImageDesk } from '../methods/context.js'
import type { Inside } from './door.js'
import { patience } from './http-body.js'
import { streamOf } from './file-routes.js'
import { resultAnswer } from './http-answer.js'
import { queryOf } from './reception.js'
import type { Respond } from './routes.js'

export const imageUploadPath = '/machine/update/images/upload'
export const builtImagePath = '/machine/update/images/built'

/** Milliseconds without a byte after which a sender is gone. */
const stallLimit = 60_000

const wantedType = 'application/octet-stream'

const refuseOtherType = ({ headers }: IncomingMessage): void => {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() === wantedType) return
  throw new MoonkeeperError(
    'unsupported_type',
    `An update image is sent with the Content-Type ${wantedType}, not '${type.trim().slice(0, 100)}'.`,
  )
}

const lengthOf = ({ headers }: IncomingMessage): number | null =>
  headers['content-length'] === undefined ? null : Number(headers['content-length'])

/** The image that a piece belongs to: ?id= @throws bad_argument */
const imageOf = ({ url }: IncomingMessage): number | null => {
  const text = new URLSearchParams(queryOf(url)).get('id')
  if (text === null) return null
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new MoonkeeperError('bad_argument', "Argument 'id' is the number of an image")
}

interface Extent {
  readonly size: number | null
  readonly piece: { readonly image: number | null; readonly start: number; readonly end: number } | null
}

/** What comes, as its headers say: all of it, or with Content-Range a piece. @throws bad_argument */
const extentOf = (request: IncomingMessage): Extent => {
  const [image, range] = [imageOf(request), request.headers['content-range']]
  if (range === undefined) {
    if (image === null) return { size: lengthOf(request), piece: null }
    throw new MoonkeeperError('bad_argument', "Argument 'id' goes with Content-Range: bytes FIRST-LAST/ALL")
  }
  const [, first = '', last = '', all = ''] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range.trim()) ?? []
  const [start, end, size] = [Number(first), Number(last) + 1, Number(all)]
  if (all === '' || start >= end || end > size)
    throw new MoonkeeperError('bad_argument', 'Content-Range is to read: bytes FIRST-LAST/ALL')
  return { size, piece: { image, start, end } }
}

/** A client that only sends sees its refusal all the same. */
const drain = async (request: IncomingMessage): Promise<void> => {
  let wasted = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    wasted += chunk.length
    if (wasted > patience) return
  }
}

const takeIn = async (images: ImageDesk, request: IncomingMessage): Promise<Image> => {
  refuseOtherType(request)
  const content = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  return images.receive({ ...extentOf(request), content })
}

/** The image that was made here. */
export const builtImageRoute =
  ({ app }: Inside): Respond =>
  async (request) => {
    const file = await app.imageMaker.open()
    return streamOf(request, file)
  }

/** An update image, as it is or in pieces; it goes to the disk as it comes. */
export const imageUploadRoute =
  ({ app }: Inside): Respond =>
  async (request) => ({ ...resultAnswer(await receiveImage(app.images, request)), status: 201 })

/** @throws unsupported_type, bad_argument, and what the images refuse */
export const receiveImage = async (images: ImageDesk, request: IncomingMessage): Promise<Image> => {
  request.setTimeout(stallLimit, () => request.destroy())
  try {
    return await takeIn(images, request)
  } catch (thrown) {
    if (!request.destroyed) await drain(request).catch(() => undefined)
    throw thrown
  } finally {
    request.setTimeout(0)
  }
}
