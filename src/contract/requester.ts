/** What somebody may do; each includes what stands before it. */
export const scopes = ['read', 'update', 'admin'] as const

/** read looks; update installs, takes back and cancels; admin does everything. */
export type Scope = (typeof scopes)[number]

/** Somebody who may enter. */
export interface Requester {
  /** local: the Unix socket. trusted: by address. key: the API key. */
  readonly kind: 'local' | 'trusted' | 'key' | 'user'
  /** As access.get_user shows it; null on the Unix socket. */
  readonly name: string | null
  /** Unix time in seconds; null on the Unix socket. */
  readonly createdOn: number | null
  readonly scope: Scope
}

/** What a client has shown, besides its address. It counts as long as it holds: see Caller.requester. */
export type Credential =
  | {
      readonly kind: 'user'
      readonly name: string
      /** Of the key that their token was signed with: it ends with a logout. */
      readonly keyId: string
      /** Milliseconds since the epoch: their login holds no longer. */
      readonly until: number
    }
  | { readonly kind: 'key'; readonly key: string }

/** The other end of a connection or request. Who that is can change at any time: look when it matters. */
export interface Caller {
  /** The client's own, behind trusted proxies; null on the Unix socket, and where it cannot be told. */
  readonly address: string | null
  /** Set by a login. */
  credential: Credential | null
  /** null: nobody who may enter, (any more). */
  readonly requester: Requester | null
}
