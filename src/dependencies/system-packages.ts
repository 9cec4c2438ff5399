import type { OperatingSystem } from './operating-system.js'
import { conditionHolds, ConditionProblem } from './package-condition.js'

/** Packages of the operating system that an application asks for. */
export interface SystemPackages {
  /** Sorted, each once. */
  readonly names: readonly string[]
  /** What was left out, and why, for people. */
  readonly problems: readonly string[]
}

export const noPackages: SystemPackages = { names: [], problems: [] }

/** What any package provider takes for a name: never an option, a path or a version. */
const packageName = /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9-]+)?$/

class Collection {
  private readonly names = new Set<string>()
  private readonly problems: string[] = []

  note(problem: string): void {
    this.problems.push(problem)
  }

  add(name: string): void {
    if (packageName.test(name)) this.names.add(name)
    else this.note(`'${name}' is not the name of a package`)
  }

  get found(): SystemPackages {
    return { names: [...this.names].sort(), problems: this.problems }
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `name` or `name; condition`. */
const addWish = (found: Collection, wish: string, system: OperatingSystem): void => {
  const at = wish.indexOf(';')
  const name = (at < 0 ? wish : wish.slice(0, at)).trim()
  if (name === '' || system.excluded.includes(name)) return
  try {
    if (at < 0 || conditionHolds(wish.slice(at + 1), system)) found.add(name)
  } catch (thrown) {
    if (!(thrown instanceof ConditionProblem)) throw thrown
    found.note(`'${wish}' is left out: ${thrown.message}`)
  }
}

/** The list for this operating system, or for the nearest one that it derives from. */
const listFor = (
  lists: Readonly<Record<string, unknown>>,
  system: OperatingSystem,
): readonly unknown[] | null => {
  for (const id of [system.id, ...system.aliases]) {
    const list = id !== '' && Object.hasOwn(lists, id) ? lists[id] : undefined
    if (Array.isArray(list) && list.length > 0) return list as unknown[]
  }
  return null
}

/** What a system_dependencies file asks for here. Where the operating system is not named, nothing. */
export const parseSystemDependencies = (text: string, system: OperatingSystem): SystemPackages => {
  const lists = parseJson(text)
  const found = new Collection()
  if (!isRecord(lists)) found.note('it is no list of packages')
  for (const wish of isRecord(lists) ? (listFor(lists, system) ?? []) : []) {
    if (typeof wish === 'string') addWish(found, wish, system)
    else found.note(`${JSON.stringify(wish)} is not the name of a package`)
  }
  return found.found
}

/**
 * The packages that an install script names, as `PKGLIST="one two"` and `PKGLIST="${PKGLIST} three"`. The script is
 * read and never run.
 */
export const parseInstallScript = (text: string): SystemPackages => {
  const found = new Collection()
  for (const line of text.split('\n')) {
    const [, list] = /^(?!\s*#).*?PKGLIST="(.*)"/.exec(line) ?? []
    const words = (list ?? '').replace(/\$(?:\{PKGLIST\}|PKGLIST\b)/g, ' ').split(/\s+/)
    for (const word of words) if (word !== '') found.add(word)
  }
  return found.found
}
