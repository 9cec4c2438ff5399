import { execFileSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import type { ToyPackage } from './apt-root.js'
import type { Daemon } from './daemon.js'
import { startPackageKit, type PrivateKit } from './package-kit.js'
import { systemMachine, type SystemMachine } from './system-machine.js'

export interface KitMachine extends Pick<SystemMachine, 'apt'> {
  readonly kit: PrivateKit
  /** @param ready resolves when what was due was looked at */
  readonly start: (ready?: boolean) => Promise<Daemon>
}

/** An ordinary user that may read everything: where this repository is does not matter then. */
const asNobody = [
  ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
  ...['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'],
]

/**
 * The built daemon on a machine whose packages are toys, with a real packagekitd and polkitd.
 * @param user root; or nobody, `allowed` as a member of the group that Moonkeeper's rules are for
 */
export const kitMachine = async (
  t: TestContext,
  installed: readonly ToyPackage[],
  published: readonly ToyPackage[],
  user: 'root' | 'refused' | 'allowed' = 'root',
): Promise<KitMachine> => {
  const { apt, data, start } = await systemMachine(t, installed, published, ['enable_packagekit: True'])
  const kit = await startPackageKit(t, apt, user === 'allowed' ? 'nobody' : null)
  if (user !== 'root') execFileSync('chown', ['-R', '65534:65534', data])
  return { apt, kit, start: (ready = true) => start(kit.env, ready, user === 'root' ? [] : asNobody) }
}
