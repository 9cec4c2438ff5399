import type { Step, StepContext } from '../../contract.js'
import type { Checkout } from '../checkout.js'

const restartName = 'restart services'

const restart = async (checkout: Checkout, context: StepContext): Promise<void> => {
  const say = (text: string): void => context.progress(`Git Repo ${checkout.name}: ${text}`)
  for (const service of checkout.options.managed_services)
    await checkout.outside.services.restart(service, say)
}

/**
 * First in a plan: its undo comes last, when the old files are back, and starts the services on them again
 * if the new ones had been started.
 */
export const guardServicesStep = (checkout: Checkout): Step => ({
  name: 'guard services',
  run: async () => undefined,
  async undo(context) {
    if (context.begun(restartName)) await restart(checkout, context)
  },
})

export const restartServicesStep = (checkout: Checkout): Step => ({
  name: restartName,
  run: (context) => restart(checkout, context),
})
