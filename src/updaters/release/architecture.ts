import { arch } from 'node:os'
import type { Asset } from '../../releases/release.js'
import type { OpenFile } from '../../system/open-file.js'

/** How the names of assets call an architecture, by Node's name for it. */
const spellings: Readonly<Record<string, RegExp>> = {
  x64: /(?:^|[^a-z0-9])(?:x86[_-]64|amd64|x64)(?:$|[^a-z0-9])/i,
  arm64: /(?:^|[^a-z0-9])(?:aarch64|arm64|armv8)(?:$|[^a-z0-9])/i,
  arm: /(?:^|[^a-z0-9])(?:armv?[67](?:l|hf)?|armhf|arm)(?:$|[^a-z0-9])/i,
  ia32: /(?:^|[^a-z0-9])(?:i[36]86|x86(?![_-]64)|386)(?:$|[^a-z0-9])/i,
  riscv64: /(?:^|[^a-z0-9])riscv64(?:$|[^a-z0-9])/i,
}

/** e_machine of an ELF file (System V ABI), by Node's name. */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183, arm: 40, ia32: 3, riscv64: 243 }

const namesAny = (name: string): boolean => Object.values(spellings).some((spelling) => spelling.test(name))

/** A name without what it says of the architecture. */
const bare = (name: string): string =>
  Object.values(spellings)
    .reduce((text, spelling) => text.replace(spelling, ' '), name)
    .replace(/[-_. ]+/g, ' ')
    .trim()

/** The asset that is for this machine. @param wanted what the installed one is called */
export const assetForMachine = (
  wanted: string,
  assets: readonly Asset[],
  machine = arch(),
): Asset | undefined => {
  const spelling = spellings[machine]
  const like = assets.filter(({ name }) => bare(name) === bare(wanted))
  const candidates = like.length > 0 ? like : assets
  const fitting = candidates.find(({ name }) => spelling?.test(name) === true)
  return (
    fitting ?? (candidates.length === 1 && !namesAny(candidates[0]?.name ?? '') ? candidates[0] : undefined)
  )
}

/** True for an ELF file: it runs on machines of one kind only. */
export const isMachineCode = async (file: OpenFile): Promise<boolean> => {
  const head = Buffer.alloc(4)
  return (await file.read(head, 0)) === 4 && head.toString('latin1') === '\x7fELF'
}

/**
 * What keeps a file from being run on this machine; null when nothing does: it is a script, or an ELF file for it.
 */
export const executableProblem = async (file: OpenFile, machine = arch()): Promise<string | null> => {
  const head = Buffer.alloc(20)
  const size = await file.read(head, 0)
  if (size >= 2 && head.toString('latin1', 0, 2) === '#!') return null
  if (size < 20 || head.toString('latin1', 0, 4) !== '\x7fELF')
    return 'it is no program: neither a script nor an ELF file'
  const littleEndian = head[5] === 1
  const found = littleEndian ? head.readUInt16LE(18) : head.readUInt16BE(18)
  const wanted = machines[machine]
  if (wanted === undefined || wanted === found) return null
  const name = Object.keys(machines).find((key) => machines[key] === found) ?? `machine ${found}`
  return `it is a program for ${name}, and this machine is ${machine}`
}
