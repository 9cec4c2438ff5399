import { asMoonkeeperError, type ErrorKind } from '../../contract/error.js'
import type { AppContext } from '../../methods/context.js'
import { statusOf } from '../applications.js'
import { Refusal } from './envelope.js'

/** Everything that led to it, first what was told. */
const causesOf = (thrown: unknown): readonly Error[] => {
  const causes: Error[] = []
  for (let cause = thrown; cause instanceof Error && causes.length < 10; cause = cause.cause)
    causes.push(cause)
  return causes
}

/** What git or the forge said last: an error of an update may say no more than that it did not work. */
const saidOf = (app: AppContext, name: string): readonly string[] => {
  const status = statusOf(app, name)
  if (status === null) return []
  if ('git_messages' in status) return status.git_messages
  return 'last_error' in status ? [status.last_error] : []
}

const credentials =
  /authentication failed|could not read (?:username|password)|permission denied \(|does not accept the token|invalid credentials|terminal prompts disabled|\b(?:401|403)\b/i

const unmet =
  /this machine is \w+|no asset that fits|requires a different python|requires-python|python_requires|EBADENGINE|unsupported engine/i

const outOfReach: readonly ErrorKind[] = [
  'remote_failed',
  'http_failed',
  'rate_limited',
  'no_dns',
  'sources_unreachable',
]

/** They do not say what went wrong, but what git said does. */
const unclear: readonly ErrorKind[] = ['not_valid', 'command_failed']

const errno: Readonly<Record<string, string>> = {
  EACCES: 'failed_filesystem_permission',
  EPERM: 'failed_filesystem_permission',
  EROFS: 'failed_filesystem_permission',
  ENOSPC: 'failed_filesystem_quota',
  EDQUOT: 'failed_filesystem_quota',
}

const ofField: Partial<Readonly<Record<ErrorKind, string>>> = {
  unknown_version: 'invalid_argument_version',
  pinned: 'invalid_argument_version_noupdate',
  needs_plan_hash: 'invalid_argument_version_manualupdate',
}

const ofDisk = (causes: readonly Error[]): string | null => {
  for (const cause of causes) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const found = Object.hasOwn(errno, code) ? errno[code] : undefined
    if (found !== undefined) return found
  }
  return null
}

/** The remote could not be asked, or did not want to answer. */
const ofRemote = (kind: ErrorKind, told: readonly string[], said: readonly string[]): string | null => {
  const reached = outOfReach.includes(kind)
  const heard = kind === 'refused' ? told : reached || unclear.includes(kind) ? [...told, ...said] : []
  if (heard.some((text) => credentials.test(text))) return 'failed_filesystem_login'
  return reached ? 'failed_filesystem_host' : null
}

/** The documented code of what made an update fail; null when none fits. */
const codeOf = (kind: ErrorKind, causes: readonly Error[], said: readonly string[]): string | null => {
  if (kind === 'no_space') return 'failed_filesystem_quota'
  const told = causes.map(({ message }) => message)
  const fits = !told.some((text) => unmet.test(text))
  return ofDisk(causes) ?? (fits ? ofRemote(kind, told, said) : 'invalid_argument_version_unmetrequirements')
}

const statusFor = (code: string): number => (code.startsWith('invalid_argument') ? 400 : 500)

/**
 * What refused an update, or made it fail, as the document has it; what it does not know keeps our own code.
 * @param name the application
 */
export const refusalOf = (thrown: unknown, app: AppContext, name: string): Refusal => {
  if (thrown instanceof Refusal) return thrown
  const { kind, message, status } = asMoonkeeperError(thrown)
  const field = ofField[kind]
  if (field !== undefined) return new Refusal(400, field, message, 'version', thrown)
  if (kind === 'unknown_application') return new Refusal(404, 'install_not_found', message, null, thrown)
  if (kind === 'unauthorized' || kind === 'forbidden')
    return new Refusal(403, 'invalid_api_key', message, null, thrown)
  const code = codeOf(kind, causesOf(thrown), saidOf(app, name))
  if (code === null)
    return new Refusal(status, kind, kind === 'internal' ? 'Internal Server Error' : message, null, thrown)
  const isVersion = code.startsWith('invalid_argument_version')
  return new Refusal(statusFor(code), code, message, isVersion ? 'version' : null, thrown)
}
