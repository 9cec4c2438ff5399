import { isDenied, isNobodyThere } from '../machine/bus-refusals.js'
import { authorized } from '../machine/packages/packagekit-codes.js'
import { manager as kit } from '../machine/packages/packagekit-questions.js'
import { DBusFailure } from '../system/dbus.js'
import type { Check, DoctorHost, Trouble } from './check.js'

/** Milliseconds, of each question. */
const limit = 4_000

const install =
  'Install packaging/moonkeeper.rules as /etc/polkit-1/rules.d/50-moonkeeper.rules, as docs/install.md tells'

const denied = (what: string, { user }: DoctorHost): Trouble => ({
  code: 'polkit_denied',
  about: what,
  cause: `polkit does not let user ${user} ${what}, and sudo does not either`,
  repair: `${install}; sudo usermod -aG moonkeeper ${user}; then restart Moonkeeper`,
})

const missing: Trouble = {
  code: 'polkit_missing',
  about: '',
  cause:
    'There is no polkit on this machine, and sudo does not let us: services cannot be restarted, nor the machine',
  repair: `sudo apt-get install polkitd. ${install}`,
}

type Answer = 'yes' | 'no' | 'unknown'

/** Whether we may manage services: asked by forgetting failures of our own, which has none while it runs. */
const mayManageServices = async ({ bus, ownService }: DoctorHost): Promise<Answer> => {
  const own = await ownService()
  if (own === null) return 'unknown'
  try {
    await bus.call({
      service: 'org.freedesktop.systemd1',
      path: '/org/freedesktop/systemd1',
      interface: 'org.freedesktop.systemd1.Manager',
      member: 'ResetFailedUnit',
      signature: 's',
      body: [`${own}.service`],
      limit,
    })
    return 'yes'
  } catch (thrown) {
    return isDenied(thrown) ? 'no' : 'unknown'
  }
}

/** logind says what it would answer. */
const mayReboot = async ({ bus }: DoctorHost): Promise<Answer> => {
  try {
    const [answer] = await bus.call({
      service: 'org.freedesktop.login1',
      path: '/org/freedesktop/login1',
      interface: 'org.freedesktop.login1.Manager',
      member: 'CanReboot',
      limit,
    })
    return answer === 'yes' || answer === 'na' ? 'yes' : 'no'
  } catch {
    return 'unknown'
  }
}

/** PackageKit asks polkit for us. What is no yes would be a question to somebody. */
const mayInstall = async ({ bus, usesPackageKit }: DoctorHost): Promise<Answer> => {
  if (!usesPackageKit) return 'unknown'
  const body = ['org.freedesktop.packagekit.system-update']
  try {
    const [answer] = await bus.call({ ...kit, member: 'CanAuthorize', signature: 's', body, limit })
    if (answer === 0) return 'unknown'
    return answer === authorized ? 'yes' : 'no'
  } catch {
    return 'unknown'
  }
}

/** Whether there is a polkit; unknown where there is no bus to ask. */
const isThere = async ({ bus }: DoctorHost): Promise<Answer> => {
  try {
    await bus.call({
      service: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'StartServiceByName',
      signature: 'su',
      body: ['org.freedesktop.PolicyKit1', 0],
      limit,
    })
    return 'yes'
  } catch (thrown) {
    const isUnknown = thrown instanceof DBusFailure && thrown.error.endsWith('.ServiceUnknown')
    return isUnknown && isNobodyThere(thrown) ? 'no' : 'unknown'
  }
}

/** null: nobody could be asked. */
const refusals = async (host: DoctorHost): Promise<readonly Trouble[] | null> => {
  const asked = [
    ['start and stop services', mayManageServices],
    ['reboot the machine', mayReboot],
    ['install packages', mayInstall],
  ] as const
  const answers = await Promise.all(asked.map(async ([what, ask]) => [what, await ask(host)] as const))
  if (answers.every(([, answer]) => answer === 'unknown')) return null
  return answers.flatMap(([what, answer]) => (answer === 'no' ? [denied(what, host)] : []))
}

export const polkit: Check = {
  name: 'polkit',
  async look(host) {
    if (host.root) return []
    if (!host.usesPolkit) return { unknown: 'Services are not reached over D-Bus here ([machine] provider)' }
    const there = await isThere(host)
    if (there === 'unknown') return { unknown: 'There is no D-Bus here to ask' }
    const found = there === 'no' ? [missing] : await refusals(host)
    if (found === null) return { unknown: 'Neither systemd nor logind could be asked' }
    // What polkit does not allow is tried through sudo.
    return found.length > 0 && (await host.mayBecomeRoot()) ? [] : found
  },
}
