import type { Log } from '../system/log.js'
import type { ServiceNames } from './service-names.js'
import type { Services } from './services.js'

/** Services by the names that configurations have for them. */
export const namedServices = (services: Services, names: ServiceNames, log: Log): Services => ({
  async restart(service) {
    const actual = await names.actual(service)
    if (service === 'moonraker' && actual !== (await names.own())) {
      const state = await services.state(actual)
      // Where we stand in its place it is stopped: started, it would want our port.
      if (state !== null && !state.active)
        return log.info({ service }, 'a service that does not run is not restarted')
    }
    await services.restart(actual)
  },
  state: async (service, signal) => services.state(await names.actual(service), signal),
})
