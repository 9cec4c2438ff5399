import { readFile } from 'node:fs/promises'
import { asMoonkeeperError } from '../contract/error.js'
import { isLocked, readSecretKey, type SecretKey } from '../releases/minisign-key.js'
import type { Options } from './command.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import { absolute } from './place.js'

const read = async (file: string, what: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliFailure(
      exitCodes.usage,
      `${what} cannot be read from ${file} (${cause.code ?? 'error'}).`,
      cause,
    )
  })

/**
 * The secret key of -s. A password stands in a file: on the command line every user of the machine could read it.
 * @throws CliFailure (usage)
 */
export const secretKeyOf = async (options: Options, io: CliIo): Promise<SecretKey> => {
  const { 'secret-key': named, 'password-file': passwordFile } = options
  if (named === undefined)
    throw new CliFailure(exitCodes.usage, 'Name the secret key: -s FILE. `minisign -G` makes one.')
  const text = await read(absolute(named, io), 'The secret key')
  try {
    if (isLocked(text) && passwordFile === undefined)
      throw new CliFailure(
        exitCodes.usage,
        `${named} is locked: name a file with its password, --password-file.`,
      )
    const password =
      passwordFile === undefined ? null : await read(absolute(passwordFile, io), 'The password')
    return readSecretKey(text, password === null ? null : password.replace(/\r?\n$/, ''))
  } catch (thrown) {
    if (thrown instanceof CliFailure) throw thrown
    throw new CliFailure(exitCodes.usage, asMoonkeeperError(thrown).message, thrown)
  }
}

/** The public keys of -k: the second line of a .pub file, or the file. @throws CliFailure (usage) */
export const publicKeysOf = async (
  { 'public-key': named }: Options,
  io: CliIo,
): Promise<readonly string[]> => {
  if (named === undefined) return []
  if (/^RW[A-Za-z0-9+/]{54}$/.test(named)) return [named]
  const text = await read(absolute(named, io), 'The public key')
  const line = text.split(/\r?\n/).find((one) => one.startsWith('RW'))
  if (line !== undefined) return [line.trim()]
  throw new CliFailure(exitCodes.usage, `${named} holds no public key of minisign.`)
}
