import type { MoonkeeperError } from '../../contract/error.js'
import type { DialectAnswer } from '../../rpc/dialect.js'

/** What is documented, and what is not as its pattern would have it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}

export const refuseField = (field: string, message: string): Refusal =>
  new Refusal(400, `invalid_argument_${field}`, message, field)

export const done = (data: unknown, message: string, code: string | null = null): DialectAnswer => ({
  status: 200,
  body: { result: true, status: 200, errcode: code, errfield: null, message: `${message}\n`, data },
})

export const refused = ({ status, code, field, message }: Refusal): DialectAnswer => ({
  status,
  body: { result: false, status, errcode: code, errfield: field, message: `${message}\n`, data: null },
})

const notAllowed = ['unauthorized', 'forbidden']

/** What the door refuses. */
export const refuse = (refusal: MoonkeeperError, status: number): DialectAnswer => {
  const { kind, message } = refusal
  if (notAllowed.includes(kind)) return refused(new Refusal(403, 'invalid_api_key', message))
  return refused(new Refusal(status, kind, message))
}
