import type { MachineSystemInfoResult } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'
import type { Files } from '../../system/files.js'

export type Virtualization = MachineSystemInfoResult['system_info']['virtualization']

/** What `systemd-detect-virt` calls containers; all else that it names is a virtual machine. */
const containers = [
  'openvz',
  'lxc',
  'lxc-libvirt',
  'systemd-nspawn',
  'docker',
  'podman',
  'rkt',
  'wsl',
  'proot',
  'pouch',
]

/**
 * The container that we are in, when it has no init of its own: then nobody in it can reboot anything.
 * compat: told by the control groups of the first process, else by its name. null when there is none
 */
export const findContainer = async (files: Pick<Files, 'readText' | 'stat'>): Promise<string | null> => {
  const groups = (await files.readText('/proc/1/cgroup').catch(() => null)) ?? ''
  const named = ['docker', 'lxc'].find((name) => groups.includes(name))
  if (named !== undefined) return named
  const first = (await files.readText('/proc/1/comm').catch(() => null))?.trim() ?? 'systemd'
  if (first === 'systemd' || first === 'init') return null
  const marks = await Promise.all(['/.dockerenv', '/.dockerinit'].map((file) => files.stat(file)))
  return marks.some((mark) => mark !== null) ? 'docker' : 'lxc'
}

export const detectVirtualization = async (
  files: Pick<Files, 'readText' | 'stat'>,
  commands: Commands,
): Promise<Virtualization> => {
  const container = await findContainer(files)
  if (container !== null) return { virt_type: 'container', virt_identifier: container }
  const found = await commands.run(['systemd-detect-virt'], { timeout: 5_000 }).catch(() => null)
  const name = found?.stdout.toString('utf8').trim() ?? ''
  if (name === '') return { virt_type: 'unknown', virt_identifier: 'unknown' }
  if (name === 'none') return { virt_type: 'none', virt_identifier: 'none' }
  return { virt_type: containers.includes(name) ? 'container' : 'vm', virt_identifier: name }
}
