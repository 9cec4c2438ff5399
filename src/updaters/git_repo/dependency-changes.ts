import type { ApplicationPlan } from '../../contract/generated/types.js'
import { compareLocks, compareRequirements, type Compared } from '../../dependencies/comparison.js'
import { readRequirements } from '../../dependencies/requirements.js'
import type { SourceTree } from '../../dependencies/source-tree.js'
import { lockFile } from '../../dependencies/wishes.js'
import type { Checkout } from './checkout.js'
import { commitTree } from './commit-tree.js'
import type { Target } from './target.js'

const lockIn = async (tree: SourceTree): Promise<string | null> => {
  const found = await tree.read(lockFile)
  return 'text' in found ? found.text : null
}

/** Python and Node dependencies that differ; absent when the application has none of that kind, or they cannot be told. */
export const dependencyChanges = async (
  checkout: Checkout,
  { from, to }: Target,
  signal: AbortSignal,
): Promise<Pick<ApplicationPlan, 'python' | 'node' | 'warnings'>> => {
  const { requirements: file, enable_node_updates } = checkout.options
  const old = commitTree(checkout.git, from, signal)
  const now = commitTree(checkout.git, to, signal)
  const nothing: Compared = { warnings: [] }
  const python =
    file === undefined
      ? nothing
      : compareRequirements(await readRequirements(old, file), await readRequirements(now, file), file)
  const node = enable_node_updates ? compareLocks(await lockIn(old), await lockIn(now)) : nothing
  return {
    ...(python.changes === undefined ? {} : { python: python.changes }),
    ...(node.changes === undefined ? {} : { node: node.changes }),
    warnings: [...python.warnings, ...node.warnings],
  }
}
