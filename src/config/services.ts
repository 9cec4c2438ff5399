import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Files } from '../system/files.js'

/** compat: the services of a new moonraker.asvc. */
const usual: readonly string[] = [
  'klipper_mcu',
  'webcamd',
  'MoonCord',
  'KlipperScreen',
  'moonraker-telegram-bot',
  'moonraker-obico',
  'sonar',
  'crowsnest',
  'octoeverywhere',
  'ratos-configurator',
]

export const servicesFile = (dataPath: string): string => path.join(dataPath, 'moonraker.asvc')

/** The services that the owner lets us restart, without `.service`, from <data>/moonraker.asvc. */
export const readAllowedServices = async (dataPath: string): Promise<readonly string[]> => {
  const text = await readFile(servicesFile(dataPath), 'utf8').catch(() => null)
  const lines = text === null ? usual : text.split('\n')
  const names = lines.map((line) => line.trim().replace(/\.service$/, '')).filter((name) => name !== '')
  return [...new Set(names)]
}

/**
 * compat: where there is no such file yet it is made with the usual services, so that who adds one loses none. A folder
 * that cannot be written to is no reason not to start.
 */
export const makeServicesFile = async (
  dataPath: string,
  files: Pick<Files, 'stat' | 'writeText'>,
): Promise<void> => {
  const file = servicesFile(dataPath)
  try {
    if ((await files.stat(file)) === null) await files.writeText(file, `${usual.join('\n')}\n`)
  } catch {
    // They are allowed all the same.
  }
}

/** compat: klipper and moonraker, with whatever follows in the name, are always allowed; and so are we. */
export const isServiceAllowed = (allowed: readonly string[], service: string): boolean =>
  allowed.includes(service) || /^(?:moonraker|klipper|moonkeeper)/.test(service)
