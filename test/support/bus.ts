import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './folder.js'

const configuration = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow send_type="method_call"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`

export interface PrivateBus {
  readonly address: string
  /** Ends the bus; also done when the test is over. */
  readonly stop: () => Promise<void>
}

/** A message bus of its own, on which everybody may do everything. */
export const startBus = async (t: Pick<TestContext, 'after'>): Promise<PrivateBus> => {
  const folder = await temporaryFolder(t)
  // polkitd and others connect as users of their own.
  await chmod(folder, 0o755)
  const file = path.join(folder, 'bus.conf')
  const address = `unix:path=${path.join(folder, 'bus.sock')}`
  await writeFile(file, configuration(path.join(folder, 'bus.sock')))
  const daemon = spawn(
    'dbus-daemon',
    [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const ended = once(daemon, 'exit')
  const stop = async (): Promise<void> => {
    daemon.kill('SIGKILL')
    await ended
  }
  t.after(stop)
  // It prints its address when it listens.
  await once(daemon.stdout, 'data')
  return { address, stop }
}
