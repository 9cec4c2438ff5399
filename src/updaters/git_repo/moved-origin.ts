import type { InspectionSetup } from './inspection.js'
import { comparableUrl } from './remote.js'

/**
 * Where a remote that is not the configured origin leads to the configured origin by redirect, the repository moved:
 * then its new URL, else null. compat: only for http(s), and not with -g.
 */
export const movedTo = async (
  setup: InspectionSetup,
  url: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const detected = comparableUrl(url)
  const origin = comparableUrl(setup.options.origin)
  if (setup.outside.debug || !detected.startsWith('http') || detected === origin) return null
  const final = await setup.outside.http.finalAddress(detected.slice(0, -'.git'.length), signal)
  if (final === null || comparableUrl(final) !== origin) return null
  warnOfOtherOrigin(setup, detected)
  return setup.options.origin.endsWith('.git') ? setup.options.origin : `${setup.options.origin}.git`
}

const warnOfOtherOrigin = (setup: InspectionSetup, detected: string): void => {
  const expected = setup.options.moved_origin
  if (expected === undefined || comparableUrl(expected) === detected) return
  setup.outside.warn(
    `Git Repo ${setup.name}: it moved from ${detected}, which is not the configured 'moved_origin' ${expected}`,
  )
}
