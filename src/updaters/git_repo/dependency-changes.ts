import type { ApplicationPlan, PackageChange } from '../../contract/generated/types.js'
import type { Checkout } from './checkout.js'
import { parseLock } from './package-lock.js'
import { parseRequirements } from './requirements.js'
import type { Target } from './target.js'

/** What a file asks for. */
export interface Wanted {
  /** By what tells two wishes apart. */
  readonly packages: ReadonlyMap<string, { readonly name: string; readonly version: string }>
  /** What is in the file and has no name to compare by. */
  readonly others: readonly string[]
}

interface Compared {
  /** Absent when it cannot be told. */
  readonly changes?: PackageChange[]
  readonly warnings: readonly string[]
}

const compare = (from: Wanted['packages'], to: Wanted['packages']): PackageChange[] => {
  const found = new Map<string, PackageChange>()
  for (const key of [...new Set([...from.keys(), ...to.keys()])].sort()) {
    const [old, now] = [from.get(key), to.get(key)]
    const change = {
      name: (now ?? old)?.name ?? key,
      from: old?.version ?? null,
      to: now?.version ?? null,
    }
    // The same package may lie in several places.
    if (change.from !== change.to) found.set(JSON.stringify(change), change)
  }
  return [...found.values()]
}

/** Differences of one file between two commits; a file that is not there wants nothing. */
const compareFile = async (
  checkout: Checkout,
  { from, to }: Target,
  file: string,
  parse: (text: string) => Wanted | null,
  signal: AbortSignal,
): Promise<Compared> => {
  const read = async (commit: string): Promise<Wanted | null> => {
    const result = await checkout.git.attempt(['cat-file', 'blob', `${commit}:${file}`], { signal })
    if (result.ended !== null) return null
    return result.code === 0 ? parse(result.stdout.toString('utf8')) : { packages: new Map(), others: [] }
  }
  const [old, now] = await Promise.all([read(from), read(to)])
  if (old === null || now === null)
    return { warnings: [`${file} is not understood: which dependencies change cannot be told.`] }
  const warnings =
    old.others.join('\n') === now.others.join('\n')
      ? []
      : [`${file} names addresses or other files that differ: what they would change is not known.`]
  return { changes: compare(old.packages, now.packages), warnings }
}

/** Python and Node dependencies that differ; absent when the application has none of that kind, or they cannot be told. */
export const dependencyChanges = async (
  checkout: Checkout,
  target: Target,
  signal: AbortSignal,
): Promise<Pick<ApplicationPlan, 'python' | 'node' | 'warnings'>> => {
  const { requirements, enable_node_updates } = checkout.options
  const nothing: Compared = { warnings: [] }
  const [python, node] = await Promise.all([
    requirements === undefined
      ? nothing
      : compareFile(checkout, target, requirements, parseRequirements, signal),
    enable_node_updates ? compareFile(checkout, target, 'package-lock.json', parseLock, signal) : nothing,
  ])
  return {
    ...(python.changes === undefined ? {} : { python: python.changes }),
    ...(node.changes === undefined ? {} : { node: node.changes }),
    warnings: [...python.warnings, ...node.warnings],
  }
}
