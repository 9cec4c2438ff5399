import { MoonkeeperError } from '../../contract/error.js'
import { methodTable } from '../../contract/generated/tables.js'
import type { MethodName } from '../../contract/generated/types.js'
import type { Call, Method, Result } from '../context.js'

/** What Klipper answers is Klipper's: it is passed on whatever it is. */
export const asResult = <M extends MethodName>(answer: unknown): Result<M> => answer as Result<M>

/** A method that is Klipper's own: its arguments are passed on as they came, and Klipper looks at them. */
export const passThrough = <M extends MethodName>(name: M): Method<M> => ({
  handle: async (params, { app }) =>
    asResult<M>(
      await app.klipper.request(methodTable[name]?.klipper ?? name, params as Record<string, unknown>),
    ),
})

/** An order that Klipper knows by another name, and that needs no arguments. */
export const order = <M extends MethodName>(_name: M, endpoint: string): Method<M> => ({
  handle: async (_params, { app }) => asResult<M>(await app.klipper.request(endpoint, {})),
})

/** A method that only Klipper knows. @throws method_not_found when it never offered it */
export const atKlipper = async (
  method: string,
  params: Readonly<Record<string, unknown>>,
  { app }: Call,
): Promise<unknown> => {
  const endpoint = app.klipper.endpointOf(method)
  if (endpoint === null) throw new MoonkeeperError('method_not_found', 'Method not found')
  return app.klipper.request(endpoint, params)
}
