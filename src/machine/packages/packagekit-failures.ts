import { MoonkeeperError, type ErrorKind } from '../../contract/error.js'
import type { DBusFailure } from '../../system/dbus.js'
import { causeOf } from './apt-failures.js'
import { notAuthorized } from './packagekit-codes.js'

const lookAtScript =
  'What its script said is in /var/log/apt/term.log. Mend that, and update again, or try: sudo dpkg --configure -a'
/** PackageKit does not always tell which package it was. @param names what is half installed */
export const brokenPackages = (what: string, names: readonly string[]): MoonkeeperError =>
  new MoonkeeperError('package_failed', `${what}: ${names.join(', ')} is half installed. ${lookAtScript}`)

const untrusted = "Install the source's new key, or remove the source"

/** PkErrorEnum, as far as there is something plain to say. The others are told in PackageKit's own words. */
const kinds: Readonly<Record<number, readonly [kind: ErrorKind, help: string]>> = {
  2: ['sources_unreachable', 'Is this machine online? Look at the network, and try again later'],
  5: ['sources_untrusted', untrusted],
  8: ['plan_changed', 'Other packages are known than were planned. Look at the plan again'],
  10: ['sources_unreachable', 'Look at the network, and try again later'],
  13: ['packages_broken', 'What the packages need does not fit together. Try: sudo apt-get -f install'],
  20: ['packages_broken', 'Without it the system would not run: nothing was changed'],
  26: ['packages_busy', 'Wait until it is over (ps aux shows it), and try again'],
  30: ['sources_untrusted', untrusted],
  31: ['sources_untrusted', untrusted],
  33: ['sources_unreadable', 'Correct the list of sources in /etc/apt'],
  37: ['sources_unreachable', 'Look at the network, and try again later'],
  46: ['no_space', 'Make room: df -h'],
  49: ['plan_changed', 'Other packages are known than were planned. Look at the plan again'],
  50: ['sources_untrusted', 'That source is not signed: remove it, or have it signed'],
  51: ['sources_untrusted', 'That source is not signed: remove it, or have it signed'],
  56: ['package_failed', lookAtScript],
  58: ['package_failed', lookAtScript],
  59: ['package_failed', lookAtScript],
  64: ['sources_unreachable', 'Look at the network, and try again later'],
  66: ['packages_broken', 'An earlier transaction was not finished. Try: sudo dpkg --configure -a'],
}

const needsRule = (what: string, user: string): MoonkeeperError =>
  new MoonkeeperError(
    'needs_privileges',
    `${what}: PackageKit does not let the user ${user} do that. Install Moonkeeper's polkit rule, and add ${user} to the group ` +
      'moonkeeper (docs/install.md), then restart Moonkeeper; or use apt-get through sudo: enable_packagekit: False in ' +
      '[update_manager]',
  )

/** PackageKit's words begin with what it did; apt's follow, a line for each. */
const firstWords = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/^[EW]: /, '').trim())
    .find((line) => line !== '' && !line.endsWith(':')) ?? 'it gave no reason'

/** True when another program that will be over some time has the lock. A lock that cannot be had at all is none. */
export const isHeldByAnother = (text: string): boolean =>
  /Could not get lock .*(?:held by process|Resource temporarily unavailable)/.test(text)

/** @param code PkErrorEnum; null: none was told. @param text in the words of PackageKit and of what is below it */
export const refusalOf = (what: string, code: number | null, text: string, user: string): MoonkeeperError => {
  if (code === notAuthorized) return needsRule(what, user)
  const said = firstWords(text)
  const [kind, help] = (code === null ? null : kinds[code]) ?? [null, '']
  if (kind === 'package_failed') return new MoonkeeperError(kind, `${what}: ${said}. ${help}`)
  // apt's own words tell more than the number: 26 is a lock, and a list of sources that has a mistake in it.
  const cause = causeOf(what, text)
  if (cause !== null) return cause
  return kind === null
    ? new MoonkeeperError('command_failed', `${what}: ${said}. Look at: journalctl -u packagekit`)
    : new MoonkeeperError(kind, `${what}: ${said}. ${help}`)
}

/** What D-Bus itself refused. */
export const busRefusal = (what: string, thrown: DBusFailure, user: string): MoonkeeperError =>
  /AccessDenied|NotAuthorized|RefusedByPolicy/.test(thrown.error)
    ? needsRule(what, user)
    : new MoonkeeperError(
        'command_failed',
        `${what}: PackageKit did not answer (${thrown.message}). Look at: systemctl status packagekit`,
        thrown,
      )
