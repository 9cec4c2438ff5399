import { MoonkeeperError } from '../contract/error.js'
import { KlipperRefusal } from './channel.js'

/** compat: the texts are Moonraker's; Fluidd shows them. */
export const notConnected = (): MoonkeeperError =>
  new MoonkeeperError('klippy_disconnected', 'Klippy Host not connected')

/** What a request that came to nothing is told. */
export const asKlipperError = (thrown: unknown): MoonkeeperError =>
  thrown instanceof KlipperRefusal
    ? new MoonkeeperError('klippy_refused', thrown.reason, thrown)
    : new MoonkeeperError('klippy_disconnected', 'Klippy Disconnected', thrown)
