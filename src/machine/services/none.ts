import { MoonkeeperError } from '../../contract/error.js'
import type { ServiceProvider } from '../services.js'

const unavailable = (): Promise<never> =>
  Promise.reject(new MoonkeeperError('busy', 'Service Actions Not Available'))

/** `provider: none`: nothing here may touch services, and nothing is known of them. */
export const noServices: ServiceProvider = {
  restart: unavailable,
  act: unavailable,
  state: () => Promise.resolve(null),
  list: () => Promise.resolve(new Map()),
  follow: () => Promise.resolve(() => undefined),
  serviceOf: () => Promise.resolve(null),
}
