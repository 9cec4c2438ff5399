import { MoonkeeperError } from '../../contract/error.js'
import type { ServiceAction } from '../services.js'
import { managerPath, type SystemdBus } from './systemd-bus.js'

const members: Readonly<Record<ServiceAction, string>> = {
  start: 'StartUnit',
  stop: 'StopUnit',
  restart: 'RestartUnit',
}

/** systemd has limits of its own for units; this is beyond them, as a rule. */
const limit = 120_000

/** What became of jobs, for whoever asks for one: it may be over before its name is known. */
class Results {
  private readonly known = new Map<string, string>()
  private wanted: { readonly job: string; readonly tell: (result: string) => void } | null = null

  note(job: string, result: string): void {
    this.known.set(job, result)
    if (this.wanted?.job === job) this.wanted.tell(result)
  }

  of(job: string): Promise<string> {
    return new Promise((resolve) => {
      this.wanted = { job, tell: resolve }
      const known = this.known.get(job)
      if (known !== undefined) resolve(known)
    })
  }
}

const after = (milliseconds: number): { readonly late: Promise<string>; readonly stop: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'it took too long')
  })
  return { late, stop: () => clearTimeout(timer) }
}

/** Results that are no failure. */
const good = ['done', 'skipped']

/** Gives an order and waits until it is over. @returns what systemd says of it. @throws DBusFailure when it is not taken */
const runJob = async (systemd: SystemdBus, action: ServiceAction, service: string): Promise<string> => {
  const results = new Results()
  let lose = (): void => undefined
  const lost = new Promise<string>((resolve) => (lose = () => resolve('systemd went away')))
  const end = await systemd.listen(
    managerPath,
    (member, [, job, , result]) => {
      if (member === 'JobRemoved') results.note(String(job), String(result))
    },
    lose,
  )
  const patience = after(limit)
  try {
    const [job] = await systemd.manager(members[action], 'ss', `${service}.service`, 'replace')
    return await Promise.race([results.of(String(job)), lost, patience.late])
  } finally {
    patience.stop()
    end()
  }
}

/**
 * Gives an order and waits until systemd says that it was carried out.
 * @throws DBusFailure when it is not taken; command_failed when it was not carried out
 */
export const carryOut = async (
  systemd: SystemdBus,
  action: ServiceAction,
  service: string,
): Promise<void> => {
  // What crashed too often is not started any more, also when it is another version by now.
  if (action !== 'stop')
    await systemd.manager('ResetFailedUnit', 's', `${service}.service`).catch(() => undefined)
  const result = await runJob(systemd, action, service)
  if (good.includes(result)) return
  throw new MoonkeeperError(
    'command_failed',
    `Could not ${action} service ${service}: systemd says '${result}'. Look at it with: systemctl status ${service}`,
  )
}
