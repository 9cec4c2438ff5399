import type { Call } from '../../methods/context.js'
import type { Managed } from '../../engine/managed.js'
import { mistakesIn, bodyFields, type Fields, type Shape } from '../fields.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { done, refused, refuseField } from './envelope.js'
import type { InstallatronSetup } from './facts.js'
import { installEntry } from './install.js'
import { refusalOf } from './refusals.js'

/** The first field that does not fit. @throws Refusal invalid_argument_FIELD */
export const checkFields = (shape: Shape, fields: Fields): Fields => {
  const [first] = Object.entries(mistakesIn(shape, fields) ?? {})
  if (first === undefined) return fields
  const [name, texts] = first
  throw refuseField(name, texts[0] ?? 'It is not valid.')
}

export const fieldsOf = async (request: DialectRequest, shape: Shape): Promise<Fields> =>
  checkFields(shape, await bodyFields(request, shape))

/** What was done, with the install as it is afterwards. */
export const doneWith = async (
  { app }: Call,
  setup: InstallatronSetup,
  { settings }: Managed,
  message: string,
  code: string | null = null,
): Promise<DialectAnswer> => done(await installEntry(app, setup, settings.name), message, code)

/** Whatever refuses it is told as the document tells it. The unexpected goes on to who logs it. */
export const telling = async (
  { app }: Call,
  name: string,
  work: () => Promise<DialectAnswer>,
): Promise<DialectAnswer> => {
  try {
    return await work()
  } catch (thrown) {
    const refusal = refusalOf(thrown, app, name)
    if (refusal.code === 'internal') throw thrown
    return refused(refusal)
  }
}
