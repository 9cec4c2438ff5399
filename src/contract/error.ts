/**
 * The one error class, and the one table from kinds to what each door answers.
 * Throw where a request is refused; the dispatcher logs once.
 */

/** Kind -> HTTP status. The JSON-RPC code follows from it (see rpcCode). The kind is the stable code for programs. */
export const errorStatus = {
  missing_argument: 400,
  bad_argument: 400,
  unknown_updater: 400,
  refused: 400,
  not_valid: 400,
  not_supported: 400,
  command_failed: 400,
  recovery_while_printing: 400,
  unauthorized: 401,
  forbidden: 403,
  unknown_application: 404,
  method_not_found: 404,
  too_large: 413,
  recovery_failed: 500,
  internal: 500,
  printing: 503,
  busy: 503,
  shutting_down: 503,
} as const

export type ErrorKind = keyof typeof errorStatus

export class MoonkeeperError extends Error {
  override readonly name = 'MoonkeeperError'
  readonly kind: ErrorKind

  /**
   * @param kind the stable code for programs
   * @param message what happened, to what, and what to do next, for a tired person at the printer
   * @param cause what led to it; null when this is where it began
   */
  constructor(kind: ErrorKind, message: string, cause: unknown = null) {
    super(message, { cause })
    this.kind = kind
  }

  get status(): number {
    return errorStatus[this.kind]
  }
}

/** compat: a refusal's JSON-RPC code is its HTTP status, except 404 -> -32601 and 401 -> -32602. */
export const rpcCode = (status: number): number => {
  if (status === 404) return -32601
  if (status === 401) return -32602
  return status
}

/** Any thrown thing as a MoonkeeperError; what is not one already is internal. */
export const asMoonkeeperError = (thrown: unknown): MoonkeeperError => {
  if (thrown instanceof MoonkeeperError) return thrown
  return new MoonkeeperError('internal', thrown instanceof Error ? thrown.message : String(thrown), thrown)
}
