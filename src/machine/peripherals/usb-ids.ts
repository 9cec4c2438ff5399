import type { Files } from '../../system/files.js'

/** Names of what is on the USB, by keys: `1d50` a vendor, `1d50:614e` its product, `C 02`, `C 02:02`, `C 02:02:01` classes. */
export interface UsbNames {
  name(key: string): string | null
}

/** What Klipper's and Katapult's boards say; older lists do not have it. */
const own: readonly (readonly [string, string])[] = [
  ['1d50', 'OpenMoko, Inc.'],
  ['1d50:614e', 'Klipper 3d-Printer Firmware'],
  ['1d50:6177', 'Katapult Bootloader (CDC_ACM)'],
]

const worthNothing = ['?', 'none', 'undefined', 'reserved/undefined', 'unused', 'no subclass']

/** One line of usb.ids: how deep it is, its id, its name; null for others. */
const readLine = (line: string): { depth: number; prefix: string; id: string; name: string } | null => {
  const [, tabs = '', prefix = '', id, name] =
    /^(\t{0,2})([A-Z]{1,3} )?([0-9a-fA-F]{2,4}) {2}(.*)$/.exec(line) ?? []
  if (id === undefined || name === undefined) return null
  return { depth: tabs.length, prefix, id: id.toLowerCase(), name: name.trim() }
}

/** Reads the list (linux-usb.org's usb.ids) for what is wanted: it has 25 000 lines. */
const readNames = async (
  lines: AsyncIterable<Buffer>,
  wanted: ReadonlySet<string>,
  into: Map<string, string>,
): Promise<void> => {
  const keys: string[] = []
  for await (const bytes of lines) {
    const line = readLine(bytes.toString('latin1').trimEnd())
    if (line === null) continue
    const above = keys[line.depth - 1]
    keys.length = line.depth
    keys[line.depth] = above === undefined ? `${line.prefix}${line.id}` : `${above}:${line.id}`
    const key = keys[line.depth] ?? ''
    if (wanted.has(key)) into.set(key, line.name)
  }
}

/**
 * @param candidates files; the first that there is counts
 * @param wanted keys
 */
export const readUsbNames = async (
  candidates: readonly string[],
  wanted: ReadonlySet<string>,
  files: Pick<Files, 'lines' | 'stat'>,
): Promise<UsbNames> => {
  const names = new Map(own)
  for (const file of candidates) {
    if (wanted.size === 0 || (await files.stat(file).catch(() => null)) === null) continue
    await readNames(files.lines(file), wanted, names)
    break
  }
  return {
    name(key) {
      const found = names.get(key)
      return found === undefined || worthNothing.includes(found.toLowerCase()) ? null : found
    },
  }
}
