import { readFile } from 'node:fs/promises'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import { absolute, type PlaceOptions } from './place.js'

/** Characters. Longer is no key, but the wrong file. */
const longest = 4096

/**
 * The API key from the file that --api-key-file names; null without the option. What the file holds is told nobody.
 * @throws CliFailure (usage) when there is no key in it
 */
export const apiKeyOf = async (options: PlaceOptions, io: CliIo): Promise<string | null> => {
  const named = options['api-key-file']
  if (named === undefined) return null
  const file = absolute(named, io)
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliFailure(
      exitCodes.usage,
      `The API key cannot be read from ${file} (${cause.code ?? 'error'}).`,
      cause,
    )
  })
  const key = text.trim()
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= longest) return key
  throw new CliFailure(
    exitCodes.usage,
    `${file} holds no API key: one line is meant, as \`moonkeeper call access.get_api_key\` tells it on that machine.`,
  )
}
