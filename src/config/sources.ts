import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { refusal, type Section } from './ini.js'
import { isOwnSection } from './moonkeeper.js'
import { shown } from './section-reader.js'
import { readSource, type Source } from './source.js'

/** Our own file, beside the main one. */
export const ownFileName = 'moonkeeper.conf'

/** The main file with all that it includes, and our own one beside it. */
export interface Sources {
  readonly main: Source
  readonly own: Source | null
  /** Where our own sections are read from: one of the two, never half in each. */
  readonly ofOwnSections: Source
  /** Absolute, whether it exists or not. */
  readonly ownFile: string
  readonly warnings: readonly string[]
}

const ownSections = (source: Source | null): readonly Section[] =>
  source === null ? [] : source.sections.filter(({ name }) => isOwnSection(name))

const warningsOf = (main: Source, mainFile: string, own: Source | null, ownFile: string): string[] => {
  const warnings: string[] = []
  const elsewhere = ownSections(main).filter(({ file }) => file !== ownFile)
  if (elsewhere.length > 0 && ownSections(own).length > 0) {
    const names = elsewhere.map(({ name }) => `[${name}]`).join(', ')
    warnings.push(
      `Both ${mainFile} and ${ownFile} have sections of Moonkeeper. Only ${ownFile} counts; ` +
        `move ${names} there, or remove that file`,
    )
  }
  const foreign = own?.sections.filter(({ name }) => !isOwnSection(name)) ?? []
  for (const { name } of foreign) {
    warnings.push(
      `[${name}] in ${ownFile} has no effect: only sections of Moonkeeper count there. Move it to ${mainFile}`,
    )
  }
  return warnings
}

/**
 * @param mainFile absolute
 * @throws refused for what cannot be read, with file and line
 */
export const readSources = async (mainFile: string): Promise<Sources> => {
  const ownFile = path.join(path.dirname(mainFile), ownFileName)
  const main = await readSource(mainFile)
  if (!main.sections.some(({ name }) => name === 'server')) {
    throw refusal(
      `No section [server] in ${mainFile}. Add it, with host and port as far as they differ from the defaults`,
    )
  }
  const exists = ownFile !== mainFile && (await stat(ownFile).catch(() => null)) !== null
  const own = exists ? await readSource(ownFile) : null
  const warnings = warningsOf(main, mainFile, own, ownFile)
  const ofOwnSections = own !== null && ownSections(own).length > 0 ? own : main
  return { main, own, ofOwnSections, ownFile, warnings }
}

/** Options by section as they were written, credentials hidden. compat: [DEFAULT] first, and in every section. */
export const originalText = (sources: Sources): Record<string, Record<string, string>> => {
  const entries = (source: Source, sections: readonly Section[]): [string, Record<string, string>][] =>
    sections.map(({ name, options }) => {
      const all = new Map([
        ...options,
        ...[...(source.defaults?.options ?? [])].filter(([key]) => !options.has(key)),
      ])
      return [name, Object.fromEntries([...all].map(([key, { value }]) => [key, shown(key, value)]))]
    })
  const { main, own } = sources
  const defaults = [...(main.defaults?.options ?? [])].map(
    ([key, { value }]) => [key, shown(key, value)] as const,
  )
  return Object.fromEntries([
    ['DEFAULT', Object.fromEntries(defaults)],
    ...entries(main, main.sections),
    ...(own === null ? [] : entries(own, ownSections(own))),
  ])
}

export interface FileSections {
  /** Relative to the main file's folder where it is below it. */
  readonly filename: string
  readonly sections: readonly string[]
}

/** The files that were read, and what is in them. */
export const fileList = async (sources: Sources, mainFile: string): Promise<readonly FileSections[]> => {
  const folder = `${path.dirname(await realpath(mainFile))}/`
  return [...sources.main.fileSections, ...(sources.own?.fileSections ?? [])].map(({ file, sections }) => ({
    filename: file.startsWith(folder) ? file.slice(folder.length) : file,
    sections,
  }))
}
