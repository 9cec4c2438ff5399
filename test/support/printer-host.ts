import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { insideFolder, startContainer, type Container } from './container.js'
import { projectRoot } from './daemon.js'
import { UnixClient } from './unix-client.js'

/** A printer's host, set up as docs/install.md tells, in a container: its user is pi. */
export interface PrinterHost {
  readonly container: Container
  connect(): Promise<UnixClient>
  /** Runs lines of shell as pi. */
  sh(lines: string): string
}

const home = '/home/pi'

/** Beside those that are allowed everywhere. `rules` may be touched by polkit's rules too. */
const services = { allowed: ['app', 'denied'], rules: ['app'] }

/** As much of Klipper as says that it is ready, and which process it is. */
const klippy = `import { createServer } from 'node:net'
import { rmSync } from 'node:fs'
const socket = process.argv[2]
const answers = {
  info: { state: 'ready', state_message: '', klipper_path: '/home/pi/klipper', python_path: '/usr/bin/python3', process_id: process.pid },
  'objects/list': { objects: ['virtual_sdcard', 'display_status', 'pause_resume'] },
  'objects/subscribe': { eventtime: 1, status: { webhooks: { state: 'ready' }, print_stats: { state: 'standby' } } },
}
rmSync(socket, { force: true })
createServer((client) => {
  let text = ''
  client.on('error', () => undefined)
  client.on('data', (chunk) => {
    const frames = (text + chunk).split('\\u0003')
    text = frames.pop()
    for (const { id, method } of frames.map((frame) => JSON.parse(frame)))
      client.write(JSON.stringify({ id, result: answers[method] ?? {} }) + '\\u0003')
  })
}).listen(socket)
`

const unit = (command: string, more = ''): string =>
  `[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nUser=pi\n${more}ExecStart=${command}\n`

const units: Readonly<Record<string, string>> = {
  'app.service': unit(`${home}/app/run`, 'Restart=always\nRestartSec=0\n'),
  'denied.service': unit('/bin/sleep infinity'),
  'klipper-1.service': unit(
    `${insideFolder}/node ${insideFolder}/klippy.mjs ${home}/printer_data/comms/klippy.sock`,
  ),
}

const configuration = `[server]
host: 127.0.0.1
klippy_uds_address: ${home}/printer_data/comms/klippy.sock
[machine]
provider: systemd_dbus
[update_manager]
enable_system_updates: False
enable_auto_refresh: False
[update_manager app]
type: git_repo
path: ${home}/app
origin: ${home}/app.git
primary_branch: main
managed_services: app klipper
[update_manager moonkeeper]
type: git_repo
path: ${home}/self
origin: ${home}/app.git
primary_branch: main
managed_services: moonkeeper
[moonkeeper]
[moonkeeper app]
settle_time: 2
[moonkeeper moonkeeper]
settle_time: 1
`

/** Two checkouts of a repository whose program runs. */
const repositories = `
cd ${home}
git config --global user.name A; git config --global user.email a@b; git config --global init.defaultBranch main
git init -q --bare app.git
git clone -q app.git seed 2>&1
cd seed
printf '#!/bin/sh\\nexec sleep infinity\\n' > run; chmod 755 run
git add -A; git commit -qm one; git tag v1.0.0; git push -q --tags origin main
cd ${home}; git clone -q app.git app; git clone -q app.git self
mkdir -p printer_data/config printer_data/logs printer_data/comms
`

const install = async (seed: string): Promise<void> => {
  const packaging = path.join(projectRoot, 'packaging')
  const [system, rules] = [path.join(seed, 'etc/systemd/system'), path.join(seed, 'etc/polkit-1/rules.d')]
  await mkdir(system, { recursive: true })
  await mkdir(rules, { recursive: true })
  const service = await readFile(path.join(packaging, 'moonkeeper.service'), 'utf8')
  const program = `${insideFolder}/node ${insideFolder}/moonkeeper.js`
  await writeFile(
    path.join(system, 'moonkeeper.service'),
    service.replace(/^(ExecStart=)\S+ \S+\.js/m, `$1${program}`),
  )
  const rule = await readFile(path.join(packaging, 'moonkeeper.rules'), 'utf8')
  const own = services.rules.map((name) => `"${name}",`).join(' ')
  await writeFile(
    path.join(rules, '50-moonkeeper.rules'),
    rule.replace('var services = [', `var services = [ ${own}`),
  )
  await mkdir(path.join(seed, 'etc/sudoers.d'), { recursive: true, mode: 0o750 })
  await cp(path.join(packaging, 'moonkeeper.sudoers'), path.join(seed, 'etc/moonkeeper.sudoers'))
  await mkdir(path.join(seed, insideFolder), { recursive: true })
  await writeFile(path.join(seed, insideFolder, 'klippy.mjs'), klippy)
  for (const [name, text] of Object.entries(units)) await writeFile(path.join(system, name), text)
  await writeFile(path.join(seed, 'etc/moonraker.asvc'), services.allowed.join('\n'))
  await writeFile(path.join(seed, 'etc/moonraker.conf'), configuration)
}

/** With the user, the group and the checkouts; Moonkeeper does not run yet. */
export const startPrinterHost = async (t: {
  after(work: () => Promise<void>): void
}): Promise<PrinterHost> => {
  const container = await startContainer(t, install)
  container.run('groupadd', '--system', 'moonkeeper')
  container.run('useradd', '-m', '-s', '/bin/sh', '-G', 'moonkeeper', 'pi')
  container.run('useradd', '-m', '-s', '/bin/sh', 'other')
  container.run('install', '-m', '440', '/etc/moonkeeper.sudoers', '/etc/sudoers.d/moonkeeper')
  const sh = (lines: string): string =>
    container.runAs('pi', 'sh', '-e', '-c', `export HOME=${home}\n${lines}`)
  sh(repositories)
  sh(`cp /etc/moonraker.conf ${home}/printer_data/config/; cp /etc/moonraker.asvc ${home}/printer_data/`)
  return {
    container,
    sh,
    connect: () => UnixClient.open(container.path(`${home}/printer_data/comms/moonraker.sock`)),
  }
}
