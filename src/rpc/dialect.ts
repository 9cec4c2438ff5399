import type { MoonkeeperError } from '../contract/error.js'
import type { Image } from '../contract/generated/types.js'
import type { Scope } from '../contract/requester.js'
import type { Call } from '../methods/context.js'

/** A request at a path of another API than Moonraker's. */
export interface DialectRequest {
  /** With route_prefix, without what stands after the question mark. */
  readonly path: string
  /** What stands where the route's path has {name}. */
  readonly parameters: Readonly<Record<string, string>>
  /** After the question mark, without it. */
  readonly query: string
  /** In lower case, without parameters; empty when there is none. */
  readonly contentType: string
  /** Who asks, by what the headers show. */
  readonly call: Call
  /**
   * Who asks, by a token that they show elsewhere: what the headers show does not count then.
   * @param token the API key or an access token; null: they show nothing
   * @throws unauthorized when it is no good
   */
  callBy(token: string | null): Promise<Call>
  /** All of it. @throws too_large */
  body(): Promise<Buffer>
  /** The body is an update image, and goes to the disk as it comes. @throws unsupported_type, too_large, busy, no_space */
  image(): Promise<Image>
}

export interface DialectAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** As JSON; undefined: nothing. */
  readonly body?: unknown
}

export interface DialectRoute {
  readonly verb: string
  /** `/installs/{id}/update`; what is written out comes before what is not. */
  readonly path: string
  /** Who is let in by what their headers show. `own`: the dialect asks who it is, by callBy. */
  readonly scope: Scope | 'own'
  readonly respond: (request: DialectRequest) => Promise<DialectAnswer>
}

/** Another documented update API: a translation, without a state of its own. */
export interface Dialect {
  /** As `dialects` in [moonkeeper] calls it. */
  readonly name: string
  /** Asked for every request. When it is off its paths are as unknown as any other. */
  readonly isOn: () => boolean
  readonly routes: readonly DialectRoute[]
  /** A refusal, also of the door, in the dialect's own words. @param status its own, where the door has another one */
  readonly refuse: (refusal: MoonkeeperError, status: number) => DialectAnswer
}
