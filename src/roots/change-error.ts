import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'

/** What a file system says of a name that is not as it must be. */
const words: Readonly<Record<string, string>> = {
  EEXIST: 'exists already',
  ENOTEMPTY: 'is not empty: remove what is in it first, or use force',
  ENOENT: 'does not exist',
  ENOTDIR: 'is a file where a folder must be',
  EISDIR: 'is a folder',
  ENAMETOOLONG: 'has a name that is too long',
  EINVAL: 'cannot be moved into itself',
  ELOOP: 'is a symlink that leads in circles',
  ETXTBSY: 'is in use',
}

/**
 * A failure as people can understand it.
 * @param at the path that was asked for: descriptors are worked with, and their paths tell nothing
 */
export const asChangeError = (thrown: unknown, at: string): MoonkeeperError => {
  if (thrown instanceof MoonkeeperError) return thrown
  const { code = '' } = (thrown ?? {}) as NodeJS.ErrnoException
  if (Object.hasOwn(words, code)) return new MoonkeeperError('refused', `${at} ${words[code]}`, thrown)
  if (!(thrown instanceof Error)) return asMoonkeeperError(thrown)
  const error = Object.assign(new Error(thrown.message, { cause: thrown }), { code, path: at })
  return asMoonkeeperError(error)
}
