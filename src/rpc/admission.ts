import { MoonkeeperError } from '../contract/error.js'
import { scopes, type Caller, type Scope } from '../contract/requester.js'

/**
 * The one place where it is decided who may do what, for every door.
 * @param what what they want, for the message
 * @throws unauthorized, forbidden
 */
export const admit = ({ requester }: Caller, needed: Scope | 'open', what: string): void => {
  if (needed === 'open') return
  if (requester === null) throw new MoonkeeperError('unauthorized', 'Unauthorized')
  if (scopes.indexOf(requester.scope) >= scopes.indexOf(needed)) return
  throw new MoonkeeperError(
    'forbidden',
    `${requester.name ?? 'This client'} has the scope ${requester.scope}, and ${what} needs ${needed}: ` +
      'look at "scopes" in [moonkeeper]',
  )
}
