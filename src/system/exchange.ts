import path from 'node:path'
import type { Commands } from './commands.js'
import type { Files } from './files.js'

interface Tools {
  readonly commands: Commands
  readonly files: Files
}

/**
 * Exchanges two names in one step where coreutils can (9.5 and later). What came of it is seen by whoever asks: where
 * it cannot be done, nothing is changed.
 */
export const exchangeAtOnce = async (
  { commands, files }: Tools,
  one: string,
  other: string,
): Promise<void> => {
  const argv = ['mv', '--exchange', '-T', '--', one, other] as const
  await commands.run(argv, { timeout: 30_000 }).catch(() => null)
  for (const name of [one, other]) await files.syncFolder(path.dirname(name))
}

/** Everything that was written so far where a folder lies is on the disk when this resolves. */
export const settleFolder = async ({ commands }: Pick<Tools, 'commands'>, folder: string): Promise<void> => {
  const result = await commands.run(['sync', '-f', folder], { timeout: 300_000 })
  if (result.code !== 0) await commands.run(['sync'], { timeout: 300_000 })
}
