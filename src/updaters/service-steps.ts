import type { ServiceRestarter, Step, StepContext } from './contract.js'

/** An application's services, as steps need them. */
export interface Served {
  /** How lines about it begin. */
  readonly label: string
  readonly services: readonly string[]
  readonly restarter: ServiceRestarter
}

export const restartName = 'restart services'

const sayFor =
  ({ label }: Served, { progress }: StepContext) =>
  (text: string): void =>
    progress(`${label}: ${text}`)

/**
 * First in a plan: its undo comes last, when the old files are back, and starts the services on them again
 * if the new ones had been started.
 */
export const guardServicesStep = (served: Served): Step => ({
  name: 'guard services',
  async undo(context) {
    if (!context.begun(restartName)) return
    const say = sayFor(served, context)
    for (const service of served.services) await served.restarter.restartWhenIdle(service, say)
  },
})

/** Nothing to do, and nothing to write down, where there is no service. */
export const restartServicesStep = (served: Served): Step => {
  if (served.services.length === 0) return { name: restartName }
  return {
    name: restartName,
    async run(context) {
      for (const service of served.services)
        await served.restarter.restart(service, sayFor(served, context), context.signal)
    },
  }
}
