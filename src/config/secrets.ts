import { readFile } from 'node:fs/promises'
import { Ini, nothingSaid } from './ini.js'

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const parseIni = (text: string, file: string): Record<string, unknown> | null => {
  const ini = new Ini()
  try {
    const lines = text.split(/\r?\n/).map((line, index) => ({ file, line: index + 1, text: line }))
    ini.read(lines, nothingSaid())
  } catch {
    return null
  }
  const defaults = ini.sections.find(({ name }) => name === 'DEFAULT')?.options ?? []
  return Object.fromEntries(
    ini.sections
      .filter(({ name }) => name !== 'DEFAULT')
      .map(({ name, options }) => {
        const all = new Map([...defaults, ...options])
        return [name, Object.fromEntries([...all].map(([option, { value }]) => [option, value]))]
      }),
  )
}

export interface Secrets {
  /** For templates. Never shown, never logged. */
  readonly values: Readonly<Record<string, unknown>>
  readonly warning: string | null
}

const parse = (text: string, file: string): Secrets => {
  const json = parseJson(text)
  if (json !== undefined && (json === null || typeof json !== 'object' || Array.isArray(json))) {
    const warning = `[secrets]: option 'secrets_path', top level item in json file '${file}' must be an Object.`
    return { values: {}, warning }
  }
  const values = (json as Record<string, unknown> | undefined) ?? parseIni(text, file)
  if (values !== null) return { values, warning: null }
  const warning = `[secrets]: option 'secrets_path', invalid file format, must be json or ini: '${file}'`
  return { values: {}, warning }
}

/**
 * Credentials from <data>/moonraker.secrets, else from the file that [secrets] names. INI or JSON.
 * @param defaultFile <data>/moonraker.secrets
 * @param configuredFile what [secrets] secrets_path says, absolute; null when nothing
 */
export const readSecrets = async (defaultFile: string, configuredFile: string | null): Promise<Secrets> => {
  for (const file of [defaultFile, configuredFile]) {
    const text = file === null ? null : await readFile(file, 'utf8').catch(() => null)
    if (file !== null && text !== null) return parse(text, file)
  }
  const warning = `[secrets]: option 'secrets_path', file does not exist: '${configuredFile}'`
  return { values: {}, warning: configuredFile === null ? null : warning }
}
