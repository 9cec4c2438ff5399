import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Check } from '../../src/doctor/check.js'
import { diskSpace } from '../../src/doctor/disk-space.js'
import { fileSystems } from '../../src/doctor/file-systems.js'
import { checks } from '../../src/doctor/index.js'
import { packages } from '../../src/doctor/packages.js'
import { polkit } from '../../src/doctor/polkit.js'
import { powerSupply } from '../../src/doctor/power-supply.js'
import { unfinishedIn } from '../../src/machine/packages/dpkg.js'
import { createDBus } from '../../src/system/dbus.js'
import { systemFiles } from '../../src/system/files.js'
import { AptRoot, toys } from '../support/apt-root.js'
import { startBus } from '../support/bus.js'
import { temporaryFolder } from '../support/folder.js'
import { busOf, foundBy, patient, troublesOf } from '../support/patient.js'

test('nothing is wrong with a healthy machine', async () => {
  for (const check of checks) assert.deepEqual(await troublesOf(check), [], check.name)
})

test('every check has a name of its own', () => {
  assert.equal(new Set(checks.map(({ name }) => name)).size, checks.length)
})

test('a full disk is told once for all that is on it', async () => {
  const mountinfo = '21 1 8:1 / / rw - ext4 x rw\n22 21 8:2 / /home rw - ext4 y rw\n'
  const free = (folder: string): number => (folder.startsWith('/home') ? 5 * 1024 * 1024 : 10 ** 12)
  const files = {
    ...systemFiles,
    freeSpace: async (folder: string) => free(folder),
    readText: async () => mountinfo,
  }
  const patients = ['/home/a', '/home/b', '/opt/c'].map((folder) => patient({ folder }))
  const troubles = await troublesOf(diskSpace, { files, patients })
  assert.deepEqual(
    troubles.map(({ code, about }) => [code, about]),
    [['disk_full', '/home/a']],
  )
  assert.match(troubles[0]?.cause ?? '', /Only 5 MiB are free.*150 MiB must stay free/)
})

test('what is mounted read-only is told by its mount, the innermost', async () => {
  const mountinfo = `21 1 8:1 / / rw,relatime - ext4 /dev/root rw
22 21 8:2 / /nest ro,relatime shared:1 - ext4 /dev/sda2 rw
23 22 8:3 / /nest/pi rw,relatime - ext4 /dev/sda3 rw
24 21 8:4 / /mnt\\040x rw,relatime - ext4 /dev/sda4 ro
`
  const files = { ...systemFiles, readText: async () => mountinfo }
  const folders = ['/nest/other/app', '/nest/another/app', '/nest/pi/app', '/mnt x/app', '/opt/app']
  const patients = folders.map((folder) => patient({ folder }))
  assert.deepEqual(await foundBy(fileSystems, { files, patients }), [
    ['read_only_file_system', '/nest/other/app'],
    ['read_only_file_system', '/mnt x/app'],
  ])
  assert.match(
    String(await foundBy(fileSystems, { files: { ...files, readText: async () => null } })),
    /kernel/,
  )
})

test('a real folder that is mounted read-only, and a real disk that is full', async (t) => {
  const folder = await temporaryFolder(t)
  const script = fileURLToPath(new URL('../support/sick-disk.js', import.meta.url))
  const inside =
    'mkdir -p "$1/locked" "$1/small" && mount --bind "$1/locked" "$1/locked" && ' +
    'mount -o remount,bind,ro "$1/locked" && mount -t tmpfs -o size=1m tmpfs "$1/small" && exec "$2" "$3" "$1"'
  const argv = ['-m', '--propagation', 'private', 'sh', '-c', inside, 'sh', folder, process.execPath, script]
  const { status, stderr, error } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 50_000 })
  assert.equal(error, undefined, 'unshare (util-linux) is needed for a folder that is mounted read-only')
  assert.equal(status, 0, `Run this as root, who may mount. ${stderr}`)
})

describe('the power supply', () => {
  const bits = (value: number) => ({ throttling: { state: async () => ({ bits: value, flags: [] }) } })

  test('that is too weak now, or was', async () => {
    const weak = { power: { underVoltage: async () => true } }
    assert.deepEqual(await foundBy(powerSupply, weak), [['under_voltage', '']])
    assert.deepEqual(await foundBy(powerSupply, bits(0x50005)), [['under_voltage', '']])
    assert.deepEqual(await foundBy(powerSupply, bits(0x50000)), [['under_voltage_before', '']])
    assert.deepEqual(await troublesOf(powerSupply, bits(0x80008)), [])
  })

  test('of which nobody tells', async () => {
    const power = { underVoltage: async () => null }
    const states = [null, { bits: 0, flags: ['?'] }]
    for (const state of states)
      assert.match(
        String(await foundBy(powerSupply, { power, throttling: { state: async () => state } })),
        /does not tell/,
      )
  })
})

describe('packages', () => {
  test('a real dpkg that was interrupted', async (t) => {
    const apt = await AptRoot.create(t, toys('1.0', 'toy-a'), [])
    const folder = apt.inside('var/lib/dpkg')
    const busy: { user: string | null } = { user: null }
    const provider = async () => ({
      unfinished: () => unfinishedIn(folder, systemFiles),
      busy: async () => busy.user,
    })
    assert.deepEqual(await troublesOf(packages, { packages: provider }), [])
    await apt.dpkgUnpack(toys('1.1', 'toy-a', 'toy-b'))
    const [trouble] = await troublesOf(packages, { packages: provider })
    assert.deepEqual([trouble?.code, trouble?.about], ['packages_half_configured', 'toy-a, toy-b'])
    assert.equal(trouble?.fix, undefined)
    busy.user = 'apt-get (process 7)'
    assert.match(
      String(await foundBy(packages, { packages: provider })),
      /installed by apt-get \(process 7\)/,
    )
  })

  test('are brought to an end where we may', async () => {
    let repaired = 0
    const repairs = { alone: () => assert.fail(), packages: async () => async () => void (repaired += 1) }
    const half = async () => ({ unfinished: async () => ['libfoo'], busy: async () => null })
    const [trouble] = await troublesOf(packages, { packages: half, repairs })
    await trouble?.fix?.()
    assert.equal(repaired, 1)
  })

  test('of which nobody knows', async () => {
    assert.equal(await foundBy(packages, { packages: async () => null }), 'There is no apt here')
  })
})

describe('polkit', () => {
  const denied = 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'

  test('that does not let us', async () => {
    const bus = busOf({
      StartServiceByName: [2],
      ResetFailedUnit: denied,
      CanReboot: ['challenge'],
      CanAuthorize: [3],
    })
    assert.deepEqual(await foundBy(polkit, { bus }), [
      ['polkit_denied', 'start and stop services'],
      ['polkit_denied', 'reboot the machine'],
      ['polkit_denied', 'install packages'],
    ])
    assert.equal((await troublesOf(polkit, { bus, usesPackageKit: false })).length, 2)
    const asked = bus.asked.find(({ member }) => member === 'ResetFailedUnit')
    assert.deepEqual(asked?.body, ['moonkeeper.service'])
    assert.deepEqual(await troublesOf(polkit, { bus, mayBecomeRoot: async () => true }), [])
  })

  test('that is not on a real bus; and no bus at all', async (t) => {
    const { address, stop } = await startBus(t)
    const bus = createDBus(address)
    t.after(() => bus.close())
    assert.deepEqual(await foundBy(polkit, { bus }), [['polkit_missing', '']])
    assert.deepEqual(await troublesOf(polkit, { bus, mayBecomeRoot: async () => true }), [])
    await stop()
    const gone = createDBus(address)
    t.after(() => gone.close())
    assert.equal(await foundBy(polkit, { bus: gone }), 'There is no D-Bus here to ask')
  })

  test('whom it does not concern, and where nothing can be asked', async () => {
    const look = (check: Check, replaced: object) => foundBy(check, { bus: busOf({}), ...replaced })
    assert.deepEqual(await look(polkit, { root: true }), [])
    assert.match(String(await look(polkit, { usesPolkit: false })), /provider/)
    const mute = { bus: busOf({ StartServiceByName: [2] }), ownService: async () => null }
    assert.match(String(await look(polkit, mute)), /Neither systemd nor logind/)
  })
})

test('the folders that are looked at are those of applications, of their virtualenvs, and ours', async () => {
  const mountinfo = '21 1 8:1 / / ro - ext4 x rw\n22 21 8:2 / /venv ro - ext4 y rw\n'
  const files = { ...systemFiles, readText: async () => mountinfo }
  const patients = [patient({ folder: null, virtualenv: path.join('/venv', 'x') })]
  const found = await foundBy(fileSystems, { files, patients, folders: ['/ours'] })
  assert.deepEqual(found, [
    ['read_only_file_system', '/ours'],
    ['read_only_file_system', '/venv/x'],
  ])
})
