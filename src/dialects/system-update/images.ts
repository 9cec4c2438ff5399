import { MoonkeeperError } from '../../contract/error.js'
import type { Image, SystemUpdateFetch } from '../../contract/generated/types.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { bodyFields } from '../fields.js'
import { checkFields } from './check.js'

/** What is documented, and nothing more; what is not known is left out. */
const shown = ({ id, state, state_description, progress, checksum, version }: Image): object => ({
  ...(checksum === null ? {} : { checksum }),
  id,
  progress: Math.round(progress * 1000) / 10,
  state,
  state_description,
  ...(version === null ? {} : { version }),
})

/** @throws unknown_image for what is no number too */
const idIn = ({ parameters }: DialectRequest): number => {
  const { id = '' } = parameters
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id)
  throw new MoonkeeperError('unknown_image', `There is no update image ${id.slice(0, 100)}`)
}

const answer = (body: unknown): DialectAnswer => ({ status: 200, body })

export const nothing: DialectAnswer = { status: 204 }

/** GET images */
export const listImages = async ({ call }: DialectRequest): Promise<DialectAnswer> =>
  answer({ items: call.app.images.list().map(shown) })

/** GET images/items/{id} */
export const showImage = async (request: DialectRequest): Promise<DialectAnswer> =>
  answer(shown(request.call.app.images.get(idIn(request))))

/** DELETE images/items/{id} */
export const deleteImage = async (request: DialectRequest): Promise<DialectAnswer> => {
  await request.call.app.images.delete(idIn(request))
  return nothing
}

/** POST images/fetch */
export const fetchImage = async (request: DialectRequest): Promise<DialectAnswer> => {
  const fields = await bodyFields(request, 'SystemUpdateFetch')
  const { url } = checkFields('SystemUpdateFetch', fields) as unknown as SystemUpdateFetch
  return answer(shown(await request.call.app.images.fetch(url)))
}

/** POST images/upload */
export const uploadImage = async (request: DialectRequest): Promise<DialectAnswer> =>
  answer(shown(await request.image()))
