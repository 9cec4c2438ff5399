import { MoonkeeperError, type ErrorKind } from '../../contract/error.js'
import type { PackageFailure } from './apt-output.js'

interface Cause {
  readonly pattern: RegExp
  readonly kind: ErrorKind
  /** What a person can do. */
  readonly help: string
}

/** apt's words for what is wrong with a source, the plainest cause first. */
const sourceCauses: readonly Cause[] = [
  {
    pattern: /^.*Release file for .* is not valid yet.*$/m,
    kind: 'clock_wrong',
    help: 'The clock of this machine is behind. Look at: timedatectl; set it: sudo timedatectl set-ntp true',
  },
  {
    pattern: /^.*(?:Temporary failure resolving|Could not resolve|Name or service not known).*$/m,
    kind: 'no_dns',
    help: 'Host names cannot be resolved: is the network up? Look at /etc/resolv.conf',
  },
  {
    pattern: /^.*(?:No space left on device|not enough free space|enough free space in).*$/m,
    kind: 'no_space',
    help: 'Make room: sudo apt-get clean; df -h',
  },
  {
    pattern: /^.*Release file for .* is expired.*$/m,
    kind: 'sources_expired',
    help: 'If the clock is right (timedatectl), that mirror is dead: choose another one in /etc/apt/sources.list',
  },
  {
    pattern: /^.*changed its '\w+' value from .*$/m,
    kind: 'sources_renamed',
    help: 'If that is as you want it: sudo apt-get update --allow-releaseinfo-change',
  },
  {
    pattern:
      /^.*(?:NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|is not signed|signatures? could ?n[o']t be verified).*$/m,
    kind: 'sources_untrusted',
    help: "Install the source's new key, or remove the source from /etc/apt",
  },
  {
    pattern: /^.*(?:Hash Sum mismatch|File has unexpected size|Hashes of expected file).*$/m,
    kind: 'digest_mismatch',
    help: 'The mirror is being changed, or something between alters what it sends. Try again later',
  },
  {
    pattern: /^.*(?:does not have a Release file|404 +Not Found|410 +Gone|File not found).*$/m,
    kind: 'sources_gone',
    help:
      'That source is not there any more. If its release is out of support, change it in /etc/apt/sources.list ' +
      '(old Debian releases are at archive.debian.org), or remove it',
  },
  {
    pattern:
      /^.*(?:Malformed|Type '.*' is not known on|The list of sources could not be read|sources\.list entry misspelt).*$/m,
    kind: 'sources_unreadable',
    help: 'Correct the file that is named',
  },
  {
    pattern:
      /^.*(?:Unable to connect|Could not connect|Connection (?:timed out|refused|failed|reset)|Network is unreachable|No route to host|timed out|Error reading from server|Connection closed prematurely|Failed to fetch).*$/m,
    kind: 'sources_unreachable',
    help: 'Look at the network, and try again later',
  },
]

/** What is wrong with the machine's packages, or with what was asked for. */
const localCauses: readonly Cause[] = [
  {
    pattern: /^.*(?:Could not get lock|Unable to acquire the dpkg|Unable to lock).*$/m,
    kind: 'packages_busy',
    help: 'Wait until it is over (ps aux shows it), and try again',
  },
  {
    pattern: /^.*(?:are you root\?|Permission denied\)|only root can do).*$/m,
    kind: 'needs_privileges',
    help: 'docs/system-packages.md says what to install so that Moonkeeper may do it',
  },
  {
    pattern: /^.*(?:remove is disabled|removing the following essential|Essential packages were removed).*$/m,
    kind: 'plan_changed',
    help: 'Packages would go that were not part of the plan. Look at the plan again',
  },
  {
    pattern: /^.*(?:Unable to locate package|has no installation candidate|Couldn't find any package).*$/m,
    kind: 'package_unknown',
    help: 'Look at its spelling: apt-cache policy NAME',
  },
  {
    pattern:
      /^.*(?:dpkg was interrupted|nmet dependencies|held broken packages|very bad inconsistent state).*$/m,
    kind: 'packages_broken',
    help: 'Try: sudo dpkg --configure -a; sudo apt-get -f install',
  },
]

const bare = (line: string): string => line.replace(/^(?:[EW]|Err:\d+|dpkg):? */, '').trim()

const find = (text: string, causes: readonly Cause[], what: string): MoonkeeperError | null => {
  for (const { pattern, kind, help } of causes) {
    const lines = [...text.matchAll(new RegExp(pattern, 'gm'))].map(([line]) => line)
    // Some say the same in a line that names nothing before.
    const line = lines.find((one) => /^[EW]: /.test(one)) ?? lines[0]
    if (line !== undefined) return new MoonkeeperError(kind, `${what}: ${bare(line)}. ${help}`)
  }
  return null
}

const lastWords = (text: string): string => {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return bare(lines.findLast((line) => line.startsWith('E: ')) ?? lines.at(-1) ?? 'it said nothing')
}

const namesOf = (failures: readonly PackageFailure[]): string =>
  [...new Set(failures.map(({ name, reason }) => `${name} (${reason})`))].join(', ')

/** A package's own script failed: the others are installed as far as they do not need it. */
const ofPackages = (failures: readonly PackageFailure[], what: string): MoonkeeperError | null => {
  if (failures.length === 0) return null
  const text =
    `${what}: ${namesOf(failures)}. It is half configured; all that does not need it is as it should be. ` +
    'What its script said is in the log. Mend that, and update again, or try: sudo dpkg --configure -a'
  return new MoonkeeperError('package_failed', text)
}

/** The plain cause in what apt or dpkg said; null when there is none that is known. */
export const causeOf = (what: string, text: string): MoonkeeperError | null =>
  find(text, localCauses, what) ?? find(text, sourceCauses, what)

/**
 * The plain cause of what apt or dpkg could not do.
 * @param what could not be done, for the beginning of the sentence
 * @param text everything that was said, in English
 */
export const failureOf = (
  what: string,
  text: string,
  failures: readonly PackageFailure[] = [],
): MoonkeeperError =>
  ofPackages(failures, what) ??
  causeOf(what, text) ??
  new MoonkeeperError('command_failed', `${what}: ${lastWords(text)}. The log has all that was said`)

/** True when apt complains about that source. @param source `URI SUITE`, as apt names what it gets */
export const isComplaint = (text: string, source: string): boolean => {
  const [uri = '', suite = ''] = source.replace(/\/$/, '').split(' ')
  return [source, `${uri}/${suite}/`, `${uri}/dists/${suite}/`].some((words) => text.includes(words))
}

/** Why a source could not be asked, where apt goes on without it; null when none failed. */
export const sourceFailureOf = (what: string, text: string): MoonkeeperError | null => {
  return find(complaintsIn(text), sourceCauses, what)
}

const complaintsIn = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^(?:[EW]: |Err:\d)/.test(line))
    .join('\n')

/** True when at least one source could be had. @param text what apt said of all of them */
export const someSourceAnswered = (text: string): boolean => {
  const complaints = complaintsIn(text)
  const got = text.matchAll(/^(?:Hit|Get):\d+ (\S+ \S+)/gm)
  return [...got].some(([, source = '']) => !isComplaint(complaints, source))
}
