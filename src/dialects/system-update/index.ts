import type { MoonkeeperError } from '../../contract/error.js'
import type { Dialect, DialectAnswer, DialectRoute } from '../../rpc/dialect.js'
import { deleteImage, fetchImage, listImages, showImage, uploadImage } from './images.js'
import { init, reset, showUpdate, start } from './update.js'

const base = '/api/npm.system_update/2.0'

const route = (
  verb: DialectRoute['verb'],
  path: string,
  scope: DialectRoute['scope'],
  respond: DialectRoute['respond'],
): DialectRoute => ({ verb, path: `${base}${path}`, scope, respond })

/** What is at work, or in another state than was thought. */
const conflicts = ['already_running', 'already_queued', 'job_ended', 'not_valid']

/** The document has no errors: they are told as Moonkeeper tells them. */
const refuse = ({ kind, message }: MoonkeeperError, status: number): DialectAnswer => {
  const code = conflicts.includes(kind) ? 409 : status
  return { status: code, body: { error: { code, message, data: { code: kind } } } }
}

/** npm.system_update 2.0. */
export const createSystemUpdate = (isOn: () => boolean): Dialect => ({
  name: 'system_update',
  isOn,
  routes: [
    route('GET', '/images', 'read', listImages),
    route('POST', '/images/fetch', 'update', fetchImage),
    route('POST', '/images/upload', 'update', uploadImage),
    route('GET', '/images/items/{id}', 'read', showImage),
    route('DELETE', '/images/items/{id}', 'update', deleteImage),
    route('GET', '/update', 'read', showUpdate),
    route('POST', '/update/init', 'update', init),
    route('POST', '/update/start', 'update', start),
    route('POST', '/update/reset', 'update', reset),
  ],
  refuse,
})
