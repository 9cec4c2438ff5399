import { readFile } from 'node:fs/promises'
import path from 'node:path'

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

/** compat: klipper and moonraker, with whatever follows in the name, are always allowed; and so are we. */
export const isServiceAllowed = (allowed: readonly string[], service: string): boolean =>
  allowed.includes(service) || /^(?:moonraker|klipper|moonkeeper)/.test(service)
