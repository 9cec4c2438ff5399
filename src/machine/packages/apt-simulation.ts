import type { PackageChange } from '../../contract/generated/types.js'
import { MoonkeeperError } from '../../contract/error.js'

/** `Inst NAME [OLD] (NEW ORIGIN, ORIGIN [ARCH]) [...]`: apt-get(8), --simulate. */
const installs = /^Inst (\S+)(?: \[([^\]\s]+)\])? \((\S+)(?: (.+?))? \[[^\]]+\]\)(?: \[.*)?$/
const removes = /^(?:Remv|Purg) (\S+)(?: \[([^\]\s]+)\])?(?: \[.*)?$/
const change = /^(?:Inst|Remv|Purg) /
const keptBegin = 'The following packages have been kept back:'

interface Changes {
  readonly install: PackageChange[]
  readonly upgrade: PackageChange[]
  readonly remove: PackageChange[]
}

const addInstalled = (found: readonly (string | undefined)[], changes: Changes): void => {
  const [, name = '', from, to = '', origin] = found
  const known = origin === undefined ? {} : { origin }
  if (from === undefined) changes.install.push({ name, from: null, to, ...known })
  else changes.upgrade.push({ name, from, to, ...known })
}

const readChange = (line: string, changes: Changes): void => {
  const installed = installs.exec(line)
  if (installed !== null) return addInstalled(installed, changes)
  const removed = removes.exec(line)
  if (removed === null)
    throw new MoonkeeperError('command_failed', `apt-get said what is not understood: '${line}'`)
  const [, name = '', from = '?'] = removed
  changes.remove.push({ name, from, to: null })
}

const readKept = (lines: readonly string[]): readonly string[] => {
  const begin = lines.indexOf(keptBegin)
  if (begin < 0) return []
  const rest = lines.slice(begin + 1)
  const end = rest.findIndex((line) => !line.startsWith('  '))
  return rest.slice(0, end < 0 ? rest.length : end).flatMap((line) => line.trim().split(/\s+/))
}

const byName = (one: PackageChange, other: PackageChange): number => (one.name < other.name ? -1 : 1)

/**
 * Reads what `apt-get --simulate` says in English. A package that goes before its new version comes is none that goes.
 * @throws command_failed for a change that is not understood: nothing is guessed
 */
export const readSimulation = (text: string): Changes & { readonly kept: readonly string[] } => {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const changes: Changes = { install: [], upgrade: [], remove: [] }
  for (const line of lines) if (change.test(line)) readChange(line, changes)
  const { install, upgrade, remove } = changes
  const back = new Map(install.map((one) => [one.name, one]))
  const again = remove.filter(({ name }) => back.has(name))
  const replaced = again.map(({ name, from }) => ({
    ...back.get(name),
    name,
    from,
    to: back.get(name)?.to ?? null,
  }))
  const names = new Set(again.map(({ name }) => name))
  return {
    install: install.filter(({ name }) => !names.has(name)).sort(byName),
    upgrade: [...upgrade, ...replaced].sort(byName),
    remove: remove.filter(({ name }) => !names.has(name)).sort(byName),
    kept: readKept(lines),
  }
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }
const uri = /^'[^']+' \S+ (\d+)(?: |$)/
const afterwards =
  /^After this operation, ([\d.,]+) ([kMG]?B) (?:of additional disk space will be used|disk space will be freed)/m

const readDisk = (text: string): number | null => {
  const [line = '', number = '', unit = ''] = afterwards.exec(text) ?? []
  const factor = units[unit]
  if (factor === undefined) return null
  const bytes = Math.round(Number(number.replaceAll(',', '')) * factor)
  return line.includes('freed') ? -bytes : bytes
}

/** Reads what `apt-get --print-uris` says in English, rounded as apt rounds. */
export const readSizes = (
  text: string,
): { readonly downloadBytes: number; readonly diskBytes: number | null } => {
  const sizes = text.split('\n').flatMap((line) => uri.exec(line)?.[1] ?? [])
  return { downloadBytes: sizes.reduce((sum, size) => sum + Number(size), 0), diskBytes: readDisk(text) }
}
