import type { MoonkeeperError } from '../../contract/error.js'
import type { DialectAnswer } from '../../rpc/dialect.js'

/** What every answer has; what is documented at the top stands there and in `data`. */
export const success = (message: string, data: object, top: object = {}): DialectAnswer => ({
  status: 200,
  body: { code: 200, status: 'success', message, ...top, data, extra: {} },
})

export const failure = (
  code: number,
  message: string,
  data: object | null = null,
  extra: object = {},
): DialectAnswer => ({
  status: code,
  body: { code, status: 'fail', message, data, extra },
})

/** For programs, and the whole of it for people, where the documented message says less. */
const extraOf = ({ kind, message }: MoonkeeperError): object => ({ error: kind, reason: message })

/** A refusal of the door, or one that has nothing to do with updating. */
export const refuse = (refusal: MoonkeeperError, status: number): DialectAnswer => {
  if (refusal.kind === 'unauthorized') return failure(401, 'Invalid token')
  if (refusal.kind === 'internal') return failure(500, 'Server Error')
  if (refusal.kind === 'bad_argument') return failure(400, 'Invalid update request', null, extraOf(refusal))
  return failure(status, refusal.message, null, extraOf(refusal))
}

const invalid = ['bad_argument', 'missing_argument', 'needs_plan_hash', 'pinned', 'not_supported']
const underWay = ['already_running', 'already_queued', 'busy']
const later = ['printing', 'printer_unknown', 'recovery_while_printing']
const asTheyAre = ['unauthorized', 'forbidden', 'unknown_application', 'unknown_version']

/** What refused an update, or made it fail. */
export const refuseUpdate = (refusal: MoonkeeperError): DialectAnswer => {
  const { kind, message } = refusal
  if (asTheyAre.includes(kind)) return refuse(refusal, refusal.status)
  if (underWay.includes(kind)) return failure(409, 'Core update in progress', null, extraOf(refusal))
  if (invalid.includes(kind)) return failure(400, 'Invalid update request', null, extraOf(refusal))
  const told = kind === 'internal' ? 'something unexpected went wrong, look at the log' : message
  const reason = `Update failed: ${told}`
  return failure(later.includes(kind) ? 409 : 500, reason, null, { ...extraOf(refusal), reason: told })
}
