import { MoonkeeperError } from '../contract/error.js'

/** Where something stands. Lines count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

export interface SourceLine extends Place {
  readonly text: string
}

/** An option as written. `value` may have several lines; it begins with "\n" when the first one is empty. */
export interface OptionText extends Place {
  readonly value: string
}

export interface Section extends Place {
  readonly name: string
  readonly options: ReadonlyMap<string, OptionText>
}

/** What one file has said so far: nothing may be said twice in it. */
export interface Said {
  readonly sections: Map<string, number>
  readonly options: Map<string, number>
}

/** For messages: where it stands. */
export const at = (place: Place): string => `${place.file}, line ${place.line}`

/** A configuration that cannot be used. The message says what is wrong, where, and what to do. */
export const refusal = (what: string, place: Place | null = null, cause: unknown = null): MoonkeeperError =>
  new MoonkeeperError('refused', place === null ? what : `${what} (${at(place)})`, cause)

/** compat: Python's str.splitlines(). */

export const splitLines = (text: string): string[] => text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)

export const nothingSaid = (): Said => ({ sections: new Map(), options: new Map() })

interface OpenOption extends Place {
  readonly parts: string[]
}

interface OpenSection extends Place {
  readonly name: string
  readonly options: Map<string, OpenOption>
}

const join = (option: OpenOption): OptionText => ({
  file: option.file,
  line: option.line,
  value: option.parts.join('\n').trimEnd(),
})

const close = (section: OpenSection): Section => ({
  ...section,
  options: new Map([...section.options].map(([name, option]) => [name, join(option)])),
})

/**
 * compat: the dialect of Python's configparser without interpolation. Names of options are lower case, a deeper
 * indented line continues a value, `#` and `;` begin a comment only at the start of a line, and what [DEFAULT]
 * says holds in every section.
 */
export class Ini {
  private readonly found = new Map<string, OpenSection>()

  /** In order of first appearance, [DEFAULT] included. */
  get sections(): readonly Section[] {
    return [...this.found.values()].map(close)
  }

  /**
   * Adds lines; they begin outside every section. What was there before is merged, the last one wins.
   * @throws refused, with the line
   */
  read(lines: readonly SourceLine[], said: Said): void {
    let section: OpenSection | null = null
    let option: OpenOption | null = null
    let indent = 0
    for (const line of lines) {
      const text = line.text.trim()
      if (text === '') option?.parts.push('')
      if (/^(?:[#;]|$)/.test(text)) continue
      const depth = line.text.search(/\S/)
      if (option !== null && depth > indent) {
        option.parts.push(text)
        continue
      }
      indent = depth
      const header = /^\[([^\]]+)\]/.exec(text)?.[1]
      if (header !== undefined) section = this.open(header, line, said)
      option = header === undefined ? addOption(section, text, line, said) : null
    }
  }

  private open(name: string, line: SourceLine, said: Said): OpenSection {
    const before = said.sections.get(name)
    if (before !== undefined) {
      throw refusal(
        `Duplicate section [${name}]: it stands in line ${before} already. Put the options of both into one`,
        line,
      )
    }
    said.sections.set(name, line.line)
    const section = this.found.get(name) ?? { name, file: line.file, line: line.line, options: new Map() }
    this.found.set(name, section)
    return section
  }
}

const addOption = (section: OpenSection | null, text: string, line: SourceLine, said: Said): OpenOption => {
  if (section === null) {
    throw refusal(`"${text}" stands outside every section. Write a [section] before it`, line)
  }
  const delimiter = text.search(/[:=]/)
  const name = text.slice(0, Math.max(delimiter, 0)).trim().toLowerCase()
  if (name === '') {
    throw refusal(
      `"${text}" is not an option. Write "name: value", or indent the line if it continues a value`,
      line,
    )
  }
  const key = `${section.name}\0${name}`
  const before = said.options.get(key)
  if (before !== undefined) {
    throw refusal(
      `Duplicate option '${name}' in section [${section.name}]: it stands in line ${before} already. Remove one`,
      line,
    )
  }
  said.options.set(key, line.line)
  const option = { file: line.file, line: line.line, parts: [text.slice(delimiter + 1).trim()] }
  section.options.set(name, option)
  return option
}
