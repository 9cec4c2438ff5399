import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { projectRoot } from '../support/daemon.js'
import { startPrinterHost, type PrinterHost } from '../support/printer-host.js'

const file = (name: string): string => path.join(projectRoot, 'packaging', name)

const cleanups: (() => Promise<void>)[] = []
let host: PrinterHost

before(async () => {
  host = await startPrinterHost({ after: (work) => void cleanups.unshift(work) })
})

after(async () => {
  for (const cleanup of cleanups) await cleanup()
})

describe('the unit', () => {
  test('is exposed to little, as systemd sees it', () => {
    const argv = ['security', '--offline=true', '--no-pager', '--threshold=30', file('moonkeeper.service')]
    const { status, stdout } = spawnSync('systemd-analyze', argv, { encoding: 'utf8' })
    assert.equal(status, 0, stdout)
  })

  test('lets Node make machine code', () => {
    assert.doesNotMatch(readFileSync(file('moonkeeper.service'), 'utf8'), /^MemoryDenyWriteExecute=/m)
  })

  test('has nothing that systemd does not know', () => {
    const said = host.container.run('sh', '-c', 'systemd-analyze verify moonkeeper.service 2>&1 || true')
    const ofOurs = said.split('\n').filter((line) => line.includes('moonkeeper'))
    assert.deepEqual(ofOurs, [])
  })
})

/** As whom, what, and with which details. */
const isAuthorised = (
  pid: string,
  action: string,
  details: Readonly<Record<string, string>> = {},
): boolean => {
  const more = Object.entries(details).flatMap(([name, value]) => ['--detail', name, value])
  const argv = ['pkcheck', '--process', pid, '--action-id', action, ...more]
  const [program = '', ...args] = [...host.container.prefix, ...argv]
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  // 1: no; 2: somebody would have to be asked.
  assert.ok([0, 1, 2].includes(status ?? -1), stderr)
  return status === 0
}

/** A process of a user's, as polkit wants one. */
const processOf = (user: string): string => {
  const unit = `as-${user}`
  host.container.run('systemd-run', '-q', `--unit=${unit}`, `--uid=${user}`, 'sleep', 'infinity')
  return host.container.run('systemctl', 'show', '-P', 'MainPID', unit).trim()
}

const manageUnits = 'org.freedesktop.systemd1.manage-units'

describe('the rules for polkit', () => {
  let pi: string
  let other: string

  before(() => {
    pi = processOf('pi')
    other = processOf('other')
  })

  const manage = (pid: string, verb: string, unit: string): boolean =>
    isAuthorised(pid, manageUnits, { unit, verb })

  test('services of the list, and instances, may be started, stopped and restarted', () => {
    for (const unit of ['klipper', 'klipper-1', 'moonraker_2', 'moonkeeper', 'crowsnest', 'KlipperScreen'])
      for (const verb of ['start', 'stop', 'restart', 'reset-failed'])
        assert.equal(manage(pi, verb, `${unit}.service`), true, `${verb} ${unit}`)
  })

  test('other units, and other verbs, may not', () => {
    for (const unit of [
      'ssh.service',
      'klipper.socket',
      'klipper-evil.service',
      'xklipper.service',
      'klipper',
    ])
      assert.equal(manage(pi, 'restart', unit), false, unit)
    for (const verb of ['kill', 'set-property', 'freeze', 'clean'])
      assert.equal(manage(pi, verb, 'klipper.service'), false, verb)
    assert.equal(isAuthorised(pi, manageUnits), false)
  })

  test('packages are looked for, installed, upgraded and mended, and nothing else is done to them', () => {
    const packagekit = (action: string): boolean => isAuthorised(pi, `org.freedesktop.packagekit.${action}`)
    for (const action of ['system-sources-refresh', 'system-update', 'package-install', 'repair-system'])
      assert.equal(packagekit(action), true, action)
    for (const action of ['package-remove', 'package-install-untrusted', 'system-sources-configure'])
      assert.equal(packagekit(action), false, action)
  })

  test('the machine is rebooted and switched off, also while others are logged in', () => {
    const login = (action: string): boolean => isAuthorised(pi, `org.freedesktop.login1.${action}`)
    for (const action of ['reboot', 'power-off', 'halt'])
      for (const suffix of ['', '-multiple-sessions']) assert.equal(login(action + suffix), true, action)
    for (const action of ['suspend', 'hibernate', 'set-reboot-to-firmware-setup'])
      assert.equal(login(action), false, action)
  })

  test('units cannot be written, and nothing runs as somebody else', () => {
    for (const action of [
      'org.freedesktop.systemd1.manage-unit-files',
      'org.freedesktop.systemd1.reload-daemon',
      'org.freedesktop.systemd1.set-environment',
      'org.freedesktop.policykit.exec',
    ])
      assert.equal(isAuthorised(pi, action), false, action)
  })

  test('who is not in the group may nothing', () => {
    assert.equal(manage(other, 'restart', 'klipper.service'), false)
    assert.equal(isAuthorised(other, 'org.freedesktop.packagekit.system-update'), false)
    assert.equal(isAuthorised(other, 'org.freedesktop.login1.reboot'), false)
  })
})

describe('the fragment for sudo', () => {
  const may = (user: string, command: string): boolean => {
    const argv = ['sudo', '-n', '-l', '-U', user, ...command.split(' ')]
    const [program = '', ...args] = [...host.container.prefix, ...argv]
    return spawnSync(program, args).status === 0
  }

  test('is one that sudo understands', () => {
    execFileSync('/usr/sbin/visudo', ['-cf', file('moonkeeper.sudoers')], { stdio: 'ignore' })
  })

  const apt = 'apt-get -y -o APT::Status-Fd=2 -o DPkg::Lock::Timeout=120'
  const keep = '-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold'

  test('allows what Moonkeeper runs', () => {
    for (const command of [
      'systemctl --version',
      'systemctl restart klipper',
      'systemctl stop klipper-12',
      'systemctl start crowsnest',
      'systemctl reset-failed moonraker',
      'systemctl reboot',
      'systemctl poweroff',
      'systemctl halt',
      'apt-get update',
      'apt-get update -o Acquire::http::Timeout=20 -o Acquire::Retries=0',
      `${apt} --download-only dist-upgrade`,
      `${apt} ${keep} --no-remove upgrade --with-new-pkgs`,
      `${apt} ${keep} --no-remove install python3-dev libjpeg62-turbo:arm64`,
      `${apt} ${keep} --no-remove -f install`,
      'dpkg --status-fd=2 --force-confdef --force-confold --configure -a',
    ])
      assert.equal(may('pi', command), true, command)
  })

  test('allows nothing else', () => {
    for (const command of [
      'true',
      'systemctl restart ssh',
      'systemctl restart klipper ssh',
      'systemctl restart --now klipper',
      'systemctl edit klipper',
      'systemctl enable klipper',
      'systemctl reboot --force',
      'apt-get update -o APT::Update::Pre-Invoke::=id',
      'apt-get update -o Acquire::http::Proxy=http://evil',
      'apt-get -y -o Dpkg::Pre-Invoke::=id dist-upgrade',
      'apt-get -y -o Dpkg::Options::=--root=/tmp dist-upgrade',
      'apt-get -y -c /tmp/evil.conf dist-upgrade',
      'apt-get -y install ./evil.deb',
      'apt-get -y install systemd-',
      'apt-get -y remove systemd',
      'dpkg -i evil.deb',
    ])
      assert.equal(may('pi', command), false, command)
  })

  test('allows nothing to who is not in the group', () => {
    assert.equal(may('other', 'systemctl restart klipper'), false)
  })

  test('what is allowed runs as root without a password, with what packages need to know', () => {
    const asked = (command: string): string =>
      host.container.runAs('pi', 'sh', '-c', `DEBIAN_FRONTEND=noninteractive sudo -n ${command}`)
    assert.match(asked('systemctl --version'), /^systemd \d+/)
    asked('systemctl start klipper-1')
    assert.equal(host.container.run('systemctl', 'is-active', 'klipper-1').trim(), 'active')
  })
})
