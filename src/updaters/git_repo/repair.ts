import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { SurveyContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { gitMessages, limits, withoutIndex } from './git.js'
import { fsck, isSound } from './inspection.js'
import type { Location } from './location.js'
import { readRemotes } from './remote.js'

/** Loose objects that fsck names as damaged, as paths below the objects folder. */
const damagedObjects = (messages: readonly string[]): readonly string[] => {
  const ids = messages.flatMap((line) => {
    const damaged = /corrupt|object .* is empty|unable to (?:unpack|read)|hash mismatch|inflate/i.test(line)
    return damaged ? (line.match(/\b[0-9a-f]{40}\b/g) ?? []) : []
  })
  const split = messages.flatMap((line) =>
    [...line.matchAll(/objects\/([0-9a-f]{2})\/([0-9a-f]{38})/g)].map(
      (match) => `${match[1] ?? ''}${match[2] ?? ''}`,
    ),
  )
  return [...new Set([...ids, ...split])].map((id) => path.join(id.slice(0, 2), id.slice(2)))
}

/**
 * Takes damaged loose objects out of the way and fetches everything again. Touches no file that anybody uses.
 * @throws recovery_failed when the repository is still damaged: then only a hard recovery helps
 */
export const repairObjects = async (
  checkout: Checkout,
  location: Location,
  context: SurveyContext,
): Promise<void> => {
  const { git, name, outside } = checkout
  if (await isSound(git, context.signal)) return
  context.progress('Attempting to repair loose objects...')
  const check = await git.attempt(fsck, {
    timeout: limits.transfer,
    signal: context.signal,
    env: withoutIndex,
  })
  const objects = path.join(location.commonFolder, 'objects')
  for (const object of damagedObjects(gitMessages(check)))
    await outside.files.remove(path.join(objects, object))
  const remotes = await readRemotes(git, context.signal).catch(() => null)
  for (const remote of remotes?.names ?? []) {
    const args = ['fetch', '--refetch', '--no-tags', '--no-write-fetch-head', '--', remote]
    await git.attempt(args, { timeout: limits.transfer, stall: limits.stall, signal: context.signal })
  }
  if (await isSound(git, context.signal)) {
    context.progress('Loose objects repaired')
    return
  }
  context.progress('Attempt to repair loose objects failed, hard recovery is required')
  throw new MoonkeeperError(
    'recovery_failed',
    `Git Repo ${name}: Unable to repair loose objects, use hard recovery. Your files are as they were.`,
  )
}
