import type { MachineSystemInfoResult } from '../../contract/generated/types.js'

type SdInfo = MachineSystemInfoResult['system_info']['sd_info']

/** The SD Association's Physical Layer Simplified Specification, 5.2 (CID) and 5.3 (CSD), has what follows. */
const manufacturers: Readonly<Record<string, string>> = { '1b': 'Samsung', '03': 'Sandisk', '74': 'PNY' }

const units = ['MiB', 'GiB', 'TiB']

/** The bits `from` to `to` of a register as a number, counted from its end as in the specification. */
const bits = (register: bigint, to: number, from: number): number =>
  Number((register >> BigInt(from)) & ((1n << BigInt(to - from + 1)) - 1n))

/** null for a version that is not known. */
const capacityOf = (csd: bigint): { readonly bytes: number; readonly unit: number } | null => {
  const version = bits(csd, 127, 126)
  if (version === 0) {
    const blocks = (bits(csd, 73, 62) + 1) * 2 ** (bits(csd, 49, 47) + 2)
    return { bytes: blocks * 2 ** bits(csd, 83, 80), unit: 0 }
  }
  if (version === 1) return { bytes: (bits(csd, 69, 48) + 1) * 512 * 1024, unit: 1 }
  if (version === 2) return { bytes: (bits(csd, 75, 48) + 1) * 512 * 1024, unit: 2 }
  return null
}

const readRegister = (text: string | null): bigint | null =>
  /^[0-9a-f]{32}$/i.test(text?.trim() ?? '') ? BigInt(`0x${text?.trim()}`) : null

const productName = (cid: bigint): string =>
  Buffer.from(cid.toString(16).padStart(32, '0').slice(6, 16), 'hex')
    .toString('latin1')
    .replace(/[^\x00-\x7f]/g, '')

/**
 * The card in the first slot.
 * @param cid the text of its sysfs file
 * @param csd the same
 */
export const readSdCard = (cid: string | null, csd: string | null): SdInfo => {
  const id = readRegister(cid)
  if (id === null) return {}
  const hex = id.toString(16).padStart(32, '0')
  const manufacturer = hex.slice(0, 2)
  const register = readRegister(csd)
  const capacity = register === null ? null : capacityOf(register)
  return {
    manufacturer_id: manufacturer,
    manufacturer: manufacturers[manufacturer] ?? 'Unknown',
    oem_id: hex.slice(2, 6),
    product_name: productName(id),
    product_revision: `${bits(id, 63, 60)}.${bits(id, 59, 56)}`,
    serial_number: hex.slice(18, 26),
    manufacturer_date: `${bits(id, 11, 8)}/${bits(id, 19, 12) + 2000}`,
    capacity:
      capacity === null
        ? 'Unknown'
        : `${(capacity.bytes / 1024 ** (capacity.unit + 2)).toFixed(1)} ${units[capacity.unit]}`,
    total_bytes: capacity?.bytes ?? 0,
  }
}
