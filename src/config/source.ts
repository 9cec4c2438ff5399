import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { glob } from './glob.js'
import { Ini, nothingSaid, refusal, splitLines, type Place, type Section, type SourceLine } from './ini.js'

/** Sections with the file and line of every option, from a main file and all that it includes. */
export interface Source {
  /** In order of first appearance; [DEFAULT] is not among them. */
  readonly sections: readonly Section[]
  /** What [DEFAULT] says: it holds in every section. */
  readonly defaults: Section | null
  /** In order of reading, absolute. */
  readonly files: readonly string[]
  /** By file, in order of reading: the sections that have something in it. */
  readonly fileSections: readonly { readonly file: string; readonly sections: readonly string[] }[]
}

/** compat: tabs are four columns wide. */
const expandTabs = (text: string): string => {
  if (!text.includes('\t')) return text
  let out = ''
  for (const character of text) out += character === '\t' ? ' '.repeat(4 - (out.length % 4)) : character
  return out
}

/** Without an inline comment: `#` or `;` after white space. `\#` and `\;` after white space stand for the sign itself. */
export const withoutComment = (line: string): string => {
  const text = expandTabs(line)
  const comment = text.search(/ +[#;]/)
  return (comment < 0 ? text : text.slice(0, comment)).replace(/ \\([#;])/g, ' $1')
}

const isEmpty = (line: string): boolean => /^\s*(?:[#;]|$)/.test(line)

const reasonOf = (thrown: unknown): string => {
  const code = (thrown as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file. Create it, or correct the name'
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read. Give this user the right to read it'
  if (code === 'EISDIR') return 'it is a folder. Name a file'
  if (thrown instanceof TypeError) return 'it is not UTF-8 text. Save it as UTF-8'
  return thrown instanceof Error ? thrown.message : String(thrown)
}

class Reading {
  readonly ini = new Ini()
  readonly files: string[] = []
  readonly filesOf = new Map<string, number[]>()
  private readonly visited = new Set<string>()

  /** @param from the include directive; null for the main file */
  async file(file: string, from: Place | null): Promise<void> {
    const lines = splitLines(await this.text(file, from))
    const index = this.files.push(file) - 1
    const said = nothingSaid()
    let buffer: SourceLine[] = []
    let optionIndent = -1
    for (const [position, raw] of lines.entries()) {
      if (isEmpty(raw)) continue
      const line = { file, line: position + 1, text: withoutComment(raw) }
      const indent = line.text.search(/\S/)
      if (optionIndent >= 0 && indent > optionIndent) {
        buffer.push(line)
        continue
      }
      const section = /^\s*\[([^\]]+)\]/.exec(line.text)?.[1]
      optionIndent = section === undefined ? indent : -1
      if (section?.startsWith('include ') === true) {
        this.ini.read(buffer, said)
        buffer = []
        await this.include(section.slice(8).trim(), line)
        continue
      }
      if (section !== undefined) this.note(section, index)
      buffer.push(line)
    }
    this.ini.read(buffer, said)
  }

  private note(section: string, index: number): void {
    this.filesOf.set(section, [...(this.filesOf.get(section) ?? []), index])
  }

  private async text(file: string, from: Place | null): Promise<string> {
    try {
      const found = await stat(file)
      const identity = `${found.dev}:${found.ino}`
      if (this.visited.has(identity)) {
        throw refusal(`Recursive include: ${file} is included a second time. Remove this line`, from)
      }
      this.visited.add(identity)
      return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === 'MoonkeeperError') throw thrown
      throw refusal(`The configuration file ${file} cannot be read: ${reasonOf(thrown)}`, from, thrown)
    }
  }

  private async include(pattern: string, line: SourceLine): Promise<void> {
    if (pattern === '') throw refusal('[include] names no file. Write [include FILE]', line)
    const found = await this.matches(pattern, line.file)
    if (found.length === 0) {
      throw refusal(
        `[include ${pattern}]: no file matches. Correct the path (it is relative to this file's folder), or remove the line`,
        line,
      )
    }
    for (const file of found) await this.file(file, line)
  }

  /** compat: of an absolute pattern only the last part may hold wildcards. */
  private async matches(pattern: string, from: string): Promise<readonly string[]> {
    if (!pattern.startsWith('/')) return glob(path.dirname(from), pattern)
    const folder = await realpath(path.dirname(pattern)).catch(() => null)
    return folder === null ? [] : glob(folder, path.basename(pattern))
  }
}

/**
 * compat: Moonraker's dialect of a configuration file: comments also behind values, and [include].
 * @param mainFile absolute
 * @throws refused, with file and line, for anything that is not understood
 */
export const readSource = async (mainFile: string): Promise<Source> => {
  const reading = new Reading()
  await reading.file(mainFile, null)
  const { ini, files, filesOf } = reading
  return {
    sections: ini.sections.filter(({ name }) => name !== 'DEFAULT'),
    defaults: ini.sections.find(({ name }) => name === 'DEFAULT') ?? null,
    files,
    fileSections: files.map((file, index) => ({
      file,
      sections: [...filesOf].filter(([, indexes]) => indexes.includes(index)).map(([name]) => name),
    })),
  }
}
