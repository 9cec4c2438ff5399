import { createHash } from 'node:crypto'
import path from 'node:path'
import { logicalLines } from './requirement-lines.js'
import { parseLine, textOf, type Requirement } from './requirement.js'
import type { SourceTree } from './source-tree.js'

/** What a requirements file asks for, with all that it includes. */
export interface Requirements {
  /** In the order in which they stand. */
  readonly wanted: readonly Requirement[]
  /** Limits from constraint files, which ask for nothing. */
  readonly constraints: readonly Requirement[]
  /** Indexes and the like. */
  readonly options: readonly string[]
  /** What lies in the application's own folder and is installed from there, with what tells its content apart. */
  readonly sources: readonly string[]
  /** True when a whole folder of its own is installed: nobody can tell whether that differs. */
  readonly restless: boolean
  /** What could not be read, and why, for people. Then what it asks for is not wholly known. */
  readonly problems: readonly string[]
}

/** More than anybody writes by hand. */
const mostFiles = 100

/** What tells the dependencies of a folder that is installed with -e; its code is used where it lies. */
const descriptions = ['pyproject.toml', 'setup.py', 'setup.cfg']

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Relative to the application's folder, in which pip runs; null for what lies elsewhere. */
const ownPath = (wanted: string): string | null => {
  const text = wanted.replace(/^(?:@ )?(?:file:)?/, '').replace(/(?:[#[]).*$/, '')
  const at = path.normalize(text)
  return path.isAbsolute(at) || at === '..' || at.startsWith('../') ? null : at
}

const reasons = {
  absent: 'is not there',
  outside: "is a link out of the application's folder",
  too_large: 'is too large',
} as const

class Reader {
  private readonly wanted: Requirement[] = []
  private readonly constraints: Requirement[] = []
  private readonly options: string[] = []
  private readonly sources: string[] = []
  private readonly problems: string[] = []
  private restless = false
  private readonly seen = new Set<string>()

  constructor(private readonly tree: SourceTree) {}

  get found(): Requirements {
    const { wanted, constraints, options, sources, restless, problems } = this
    return { wanted, constraints, options, sources, restless, problems }
  }

  async read(file: string, constraint: boolean, isFirst: boolean): Promise<void> {
    const key = `${constraint ? 'c' : 'r'} ${file}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    if (this.seen.size > mostFiles) return this.note(`there are more than ${mostFiles} requirements files`)
    const found = await this.tree.read(file)
    if ('text' in found) return this.take(file, found.text, constraint)
    if (!(isFirst && found.problem === 'absent')) this.note(`${file} ${reasons[found.problem]}`)
  }

  private note(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem)
  }

  private async take(file: string, text: string, constraint: boolean): Promise<void> {
    for (const line of logicalLines(text).map(parseLine)) {
      if (line.kind === 'option') this.options.push(line.text)
      else if (line.kind === 'include') await this.include(file, line.file, constraint || line.constraint)
      else if (constraint) this.constraints.push(line)
      else await this.want(line)
    }
  }

  private async want(line: Requirement): Promise<void> {
    this.wanted.push(line)
    const at = line.local ? ownPath(line.wanted) : null
    if (at === null) return
    for (const file of line.editable ? descriptions.map((name) => path.join(at, name)) : [at]) {
      const found = await this.tree.read(file)
      if ('text' in found) this.sources.push(`${file} ${fingerprint(found.text)}`)
      else if (!line.editable) this.restless = true
    }
  }

  /** Relative to the file that includes it, and kept within the application's folder. */
  private async include(from: string, file: string, constraint: boolean): Promise<void> {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(file))
      return this.note(`${from} includes ${file}, which is not looked at`)
    const target = path.normalize(path.join(path.dirname(from), file))
    if (path.isAbsolute(file) || target === '..' || target.startsWith('../'))
      return this.note(`${from} includes ${file}, which is not in the application's folder`)
    await this.read(target, constraint, false)
  }
}

/**
 * Reads a requirements file and all that it includes. A file that is not there asks for nothing.
 * @param file relative to the application's folder
 */
export const readRequirements = async (tree: SourceTree, file: string): Promise<Requirements> => {
  const reader = new Reader(tree)
  await reader.read(path.normalize(file), false, true)
  return reader.found
}

/** All that decides what pip would install. */
const essence = ({ wanted, constraints, options, sources, problems }: Requirements): readonly string[] => [
  ...wanted.map(textOf),
  ...constraints.map((one) => `-c ${textOf(one)}`),
  ...options,
  ...sources,
  // What cannot be looked at may be anything.
  ...problems,
]

/**
 * Whether the other version asks for something that this one did not: an order, a comment or a wish that is gone needs
 * no pip. What lies in the application's own folder may differ although it is asked for with the same words.
 */
export const asksForMore = (from: Requirements, to: Requirements): boolean => {
  const before = new Set(essence(from))
  return to.restless || essence(to).some((text) => !before.has(text))
}
