import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { createDBus } from '../../src/system/dbus.js'
import type { AptRoot } from './apt-root.js'
import { startBus } from './bus.js'
import { projectRoot } from './daemon.js'

type Ended = Pick<TestContext, 'after'>

export interface PrivateKit {
  /** Of the bus. */
  readonly address: string
  /** For a daemon that is to reach it. */
  readonly env: Readonly<Record<string, string>>
  /** packagekitd does nothing any more. */
  readonly freeze: () => void
  /** Ends packagekitd at once, as a crash does. */
  readonly kill: () => Promise<void>
  /** Starts it again. */
  readonly start: () => Promise<void>
}

const hide = (folder: string): string => `mkdir -p ${folder} && mount -t tmpfs tmpfs ${folder}`

/** A program with folders of its own in place of the machine's. */
const startHidden = (
  t: Ended,
  commands: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess => {
  const script = ['set -e', ...commands].join('\n')
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    stdio: 'ignore',
    // dpkg's terminal must never be the one that the tests run at.
    detached: true,
  })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return child
}

const ofBus = {
  service: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
}

/** Resolves when a service is on the bus, or is not any more. @throws when its program ended instead */
const waitForName = async (
  address: string,
  name: string,
  there: boolean,
  child?: ChildProcess,
): Promise<void> => {
  const bus = createDBus(address)
  try {
    for (;;) {
      const [owned] = await bus.call({ ...ofBus, member: 'NameHasOwner', signature: 's', body: [name] })
      if (owned === there) return
      if (child !== undefined && child.exitCode !== null)
        throw new Error(
          `${name} did not start: this test needs root, mount namespaces, polkitd and packagekitd`,
        )
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  } finally {
    bus.close()
  }
}

/**
 * polkitd with the rules that Moonkeeper ships, and no others.
 * @param member a user who is in the group moonkeeper; null: nobody is
 */
const startPolkit = async (
  t: Ended,
  address: string,
  folder: string,
  member: string | null,
): Promise<void> => {
  const groups = path.join(folder, 'group')
  const known = (await readFile('/etc/group', 'utf8')).replace(/^moonkeeper:.*\n/m, '')
  await writeFile(groups, `${known}moonkeeper:x:64999:${member ?? ''}\n`)
  const rules = '/etc/polkit-1/rules.d'
  const polkit = startHidden(
    t,
    [
      hide(rules),
      `cp ${path.join(projectRoot, 'packaging/moonkeeper.rules')} ${rules}/50-moonkeeper.rules`,
      `chown -R polkitd ${rules}`,
      `chmod 700 ${rules}`,
      `chmod 600 ${rules}/50-moonkeeper.rules`,
      `mount --bind ${groups} /etc/group`,
      'exec /usr/lib/polkit-1/polkitd --no-debug',
    ],
    { DBUS_SYSTEM_BUS_ADDRESS: address },
  )
  await waitForName(address, 'org.freedesktop.PolicyKit1', true, polkit)
}

/**
 * Real packagekitd and polkitd on a bus of their own, for the packages of a root.
 * @param member a user who may do what Moonkeeper's rules allow; root may do everything
 */
export const startPackageKit = async (
  t: Ended,
  apt: AptRoot,
  member: string | null = null,
): Promise<PrivateKit> => {
  const { address } = await startBus(t)
  const env = { DBUS_SYSTEM_BUS_ADDRESS: address }
  // Users of their own look into it.
  await chmod(apt.folder, 0o755)
  await startPolkit(t, address, apt.folder, member)
  let kit: ChildProcess | null = null
  const start = async (): Promise<void> => {
    kit = startHidden(
      t,
      [
        ...['/var/lib/PackageKit', '/var/cache/PackageKit'].map(hide),
        'mkdir -p /var/cache/PackageKit/downloads',
        'exec /usr/libexec/packagekitd --keep-environment',
      ],
      // Without a route to anywhere it would think that it is offline.
      { ...env, ...apt.env, GIO_USE_NETWORK_MONITOR: 'base' },
    )
    await waitForName(address, 'org.freedesktop.PackageKit', true, kit)
  }
  const kill = async (): Promise<void> => {
    kit?.kill('SIGKILL')
    await waitForName(address, 'org.freedesktop.PackageKit', false)
  }
  await start()
  const freeze = (): void => void kit?.kill('SIGSTOP')
  return { address, env, freeze, kill, start }
}
