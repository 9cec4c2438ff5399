import { MoonkeeperError } from '../contract/error.js'
import { harmless } from '../contract/text.js'

/**
 * A version beyond the pin was asked for by its name: who pinned it must let it go first.
 * @param label the application, for people
 * @param pin what it is pinned to, for people
 * @param configured true when the configuration pins it, so that the API cannot let it go
 */
export const pastPin = (
  label: string,
  version: string,
  pin: string,
  configured: boolean,
): MoonkeeperError => {
  const what = `${label} is pinned to ${pin}, and '${harmless(version)}' is no version on the way there.`
  return configured
    ? new MoonkeeperError('set_in_configuration', `${what} Change pinned_commit in the configuration first.`)
    : new MoonkeeperError(
        'pinned',
        `${what} Let it go first (machine.update.pin with null), or pin that one.`,
      )
}
