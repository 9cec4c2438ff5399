import type { Step, StepContext } from '../../contract.js'
import type { Checkout } from '../checkout.js'

const restartName = 'restart services'

const sayFor =
  ({ name }: Checkout, { progress }: StepContext) =>
  (text: string): void =>
    progress(`Git Repo ${name}: ${text}`)

/**
 * First in a plan: its undo comes last, when the old files are back, and starts the services on them again
 * if the new ones had been started.
 */
export const guardServicesStep = (checkout: Checkout): Step => ({
  name: 'guard services',
  run: async () => undefined,
  async undo(context) {
    if (!context.begun(restartName)) return
    for (const service of checkout.options.managed_services)
      await checkout.outside.services.restartWhenIdle(service, sayFor(checkout, context))
  },
})

export const restartServicesStep = (checkout: Checkout): Step => ({
  name: restartName,
  async run(context) {
    for (const service of checkout.options.managed_services)
      await checkout.outside.services.restart(service, sayFor(checkout, context), context.signal)
  },
})
