import type { Offer } from '../updaters/contract.js'
import type { Application, ApplicationSettings, AutoUpdate } from './application.js'

/** What is known of a managed application besides its status. */
export interface Managed {
  readonly settings: ApplicationSettings
  /** Where it is installed. */
  readonly folder: string
  readonly installed: string
  /** What an upgrade would bring; null when there is nothing, or nothing is known. */
  readonly offer: Offer | null
  readonly autoUpdate: AutoUpdate
  /** Unattended updates that failed in a row. */
  readonly failures: number
  /** Unix milliseconds; 0 when nothing was looked at. */
  readonly firstSeen: number
  readonly refreshedAt: number
}

/** What is managed. */
export interface ApplicationDesk {
  /** In the order they are shown. No I/O. */
  managed(): readonly Managed[]
  /** Decides what is installed unattended. @throws unknown_application, set_in_configuration */
  automate(name: string, autoUpdate: AutoUpdate): Promise<void>
}

/** No I/O. */
export const managedOf = (application: Application): Managed => {
  // Not spread: what is worked out is no own property.
  const { settings, updater, autoUpdate, failures, firstSeen, refreshedAt } = application
  const [{ folder }, { version: installed }, offer] = [updater, updater.installed(), updater.offer()]
  return { settings, folder, installed, offer, autoUpdate, failures, firstSeen, refreshedAt }
}
