import { MoonkeeperError } from '../contract/error.js'

const maxTagBytes = 255

/** What git allows in a tag, and no forge's path could be left with. */
export const isTag = (tag: string): boolean =>
  tag !== '' &&
  Buffer.byteLength(tag) <= maxTagBytes &&
  !/[\u0000-\u0020\u007f~^:?*[\]\\]|\.\.|\/\/|@\{|^[-/.]|\/\.|[/.]$|\.lock(?:\/|$)/.test(tag)

/** A plain name of a file: no path, nothing hidden, nothing that is none. */
export const isFileName = (name: string): boolean =>
  Buffer.byteLength(name) <= 255 && !/[\u0000-\u001f\u007f/\\]|^\.{0,2}$/.test(name)

const isOwner = (owner: string): boolean => /^[A-Za-z0-9][\w.-]{0,99}$/.test(owner)
const isRepository = (repo: string): boolean => /^[\w.-]{1,100}$/.test(repo) && !/^\.{1,2}$/.test(repo)

/** The path of a repository in an API's addresses. @throws bad_argument */
export const repositoryPath = (owner: string, repo: string): string => {
  if (isOwner(owner) && isRepository(repo)) return `/repos/${owner}/${repo}`
  const text = `'${owner}/${repo}'`.slice(0, 200)
  throw new MoonkeeperError('bad_argument', `${text} is no repository. It is written owner/name.`)
}

/** The path of a release's tag below its repository. @throws bad_argument */
export const tagPath = (tag: string): string => {
  if (isTag(tag)) return `/releases/tags/${encodeURIComponent(tag)}`
  throw new MoonkeeperError('bad_argument', `'${tag.slice(0, 200)}' is no tag of a release.`)
}
