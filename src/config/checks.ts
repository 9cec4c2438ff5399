/**
 * Values that become paths, options of commands or git refs. Each check answers with what is wrong, as the end of a
 * sentence, or null. The configuration can be written through Moonraker's API, so it is not trusted blindly.
 */

const control = /[\u0000-\u001f\u007f]/

/** The name is used for files, services and messages. */
export const nameProblem = (name: string): string | null => {
  if (name === '') return 'must not be empty'
  if (/^[-.]/.test(name)) return "must not begin with '-' or '.'"
  if (name.includes('/') || name.includes('\\') || name.includes('..'))
    return "must not contain '/', '\\' or '..'"
  // \p{C}: control, format and unassigned characters; \p{Z} without the space itself
  if (/\p{C}/u.test(name) || /[^\S ]/u.test(name)) return 'must consist of printable characters'
  if (Buffer.byteLength(name) > 100) return 'must not be longer than 100 bytes'
  return null
}

/** A URL or path that git may fetch from. */
export const originProblem = (origin: string): string | null => {
  if (origin === '') return 'must not be empty'
  if (origin.startsWith('-')) return "must not begin with '-'"
  if (control.test(origin)) return 'must be one line'
  // ext::, fd:: and every other helper program that git would run
  if (/^[^/:@[]*::/.test(origin))
    return 'must be a URL or a path: git helpers such as ext:: and fd:: are not allowed'
  return null
}

/** As `git check-ref-format --branch` sees it. */
export const branchProblem = (branch: string): string | null => {
  const wrong =
    branch === '' ||
    branch === '@' ||
    branch === 'HEAD' ||
    branch.startsWith('-') ||
    branch.endsWith('.') ||
    /\.\.|@\{|[\s~^:?*[\\]/.test(branch) ||
    control.test(branch) ||
    branch.split('/').some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'))
  return wrong ? `must be the name of a git branch, not '${branch}'` : null
}

/** A commit to pin to, in lower case. */
export const pinProblem = (commit: string): string | null => {
  if (commit.length < 8) return 'must have 8 characters or more'
  return /^[0-9a-f]{8,64}$/.test(commit) ? null : 'must be the hash of a commit: 8 to 64 hexadecimal digits'
}

/** owner/name at a forge. Both become parts of a URL. */
export const repoProblem = (repo: string): string | null => {
  const parts = repo.split('/')
  const fine = parts.length === 2 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))
  return fine ? null : `must be written owner/name, not '${repo}'`
}

/** Something inside an application's folder, relative to it. */
export const insideProblem = (relative: string): string | null => {
  const inside =
    relative !== '' && relative.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  return inside && !control.test(relative) ? null : `must name something inside the folder, not '${relative}'`
}

/** A Python package, perhaps with extras in brackets. */
export const packageProblem = (name: string): string | null =>
  /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w.,\s-]+\])?$/.test(name)
    ? null
    : `must be the name of a Python package, not '${name}'`

/** The name of an environment variable. */
export const variableProblem = (name: string): string | null =>
  /^[A-Za-z_]\w*$/.test(name) ? null : `must have lines NAME=value, not '${name}'`

/** Two hours of a day. */
export const hoursProblem = (hours: readonly number[]): string | null => {
  if (hours.length !== 2) return 'must be two hours such as 0-5'
  if (hours.some((hour) => hour < 0 || hour > 23)) return 'must be hours from 0 to 23'
  return hours[0] === hours[1] ? 'must be two different hours' : null
}
