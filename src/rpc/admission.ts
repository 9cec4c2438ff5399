import { MoonkeeperError } from '../contract/error.js'
import { scopes, type Caller, type Scope } from '../contract/requester.js'

const reaches = (given: Scope, needed: Scope): boolean => scopes.indexOf(given) >= scopes.indexOf(needed)

/** Whether they may (still) do what needs that scope. */
export const mayDo = ({ requester }: Caller, needed: Scope): boolean =>
  requester !== null && reaches(requester.scope, needed)

/**
 * The one place where it is decided who may do what, for every door.
 * @param what what they want, for the message
 * @throws unauthorized, forbidden
 */
export const admit = ({ requester }: Caller, needed: Scope | 'open', what: string): void => {
  if (needed === 'open') return
  if (requester === null) throw new MoonkeeperError('unauthorized', 'Unauthorized')
  if (reaches(requester.scope, needed)) return
  throw new MoonkeeperError(
    'forbidden',
    `${requester.name ?? 'This client'} has the scope ${requester.scope}, and ${what} needs ${needed}: ` +
      'look at "scopes" in [moonkeeper]',
  )
}
