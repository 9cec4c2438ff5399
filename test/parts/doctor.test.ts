import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { loadConfiguration } from '../../src/config/index.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Serialized } from '../../src/contract/serialized.js'
import type { Engine } from '../../src/engine/engine.js'
import type { PackageProvider } from '../../src/machine/packages/provider.js'
import type { DoctorDesk } from '../../src/methods/context.js'
import { createDoctor, type DoctorPartSetup } from '../../src/parts/doctor.js'
import { answering } from '../support/commands.js'
import { temporaryFolder } from '../support/folder.js'
import { emptyStatus, fakeEngine, type FakeEngine } from '../support/rpc.js'
import { writeTree } from '../support/tree.js'

const status = (folder: string): string => `${folder}/dpkg/status`

/** A machine with a half installed package, and nobody to ask. */
const doctorWith = async (
  t: TestContext,
  engine: FakeEngine,
  more: Partial<DoctorPartSetup> = {},
): Promise<{ readonly doctor: DoctorDesk; readonly started: () => number }> => {
  const dataPath = await temporaryFolder(t)
  writeTree(dataPath, {
    'config/moonraker.conf': '[server]\n[machine]\nprovider: none\n',
    'dpkg/status': 'Package: libfoo\nStatus: install ok unpacked\nVersion: 1\nArchitecture: all\n',
  })
  const layout = `STATUS='${status(dataPath)}'\nARCHIVES='/a'\nLISTS='/l'\nDPKG='/usr/bin/dpkg'\n`
  const { commands, asked } = answering(([program]) =>
    program === 'apt-config' ? { stdout: layout } : { code: 2 },
  )
  const configuration = await loadConfiguration({
    configFile: `${dataPath}/config/moonraker.conf`,
    dataPath,
    homeFolder: dataPath,
  })
  const doctor = createDoctor({
    current: () => configuration,
    engine,
    printer: { install: null },
    env: { GITHUB_API_URL: 'http://127.0.0.1:1', DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus' },
    commands,
    privileges: { user: 'pi', requests: [], granted: async () => false, setPassword: async () => [] },
    root: false,
    ownService: async () => null,
    packages: () => ({ provider: async () => ({ mayRepair: async () => true }) as PackageProvider }),
    dataPath,
    ...more,
  })
  return { doctor, started: () => asked.filter(({ argv }) => argv[1] === 'indextargets').length }
}

const refusal = (kind: string) => (thrown: unknown) =>
  thrown instanceof MoonkeeperError && thrown.kind === kind

test('half installed packages are brought to an end as a job of the system', async (t) => {
  const engine = fakeEngine()
  const { doctor } = await doctorWith(t, engine)
  const looked = await doctor.examine(false)
  assert.deepEqual(engine.calls, [])
  const found = ({ findings }: typeof looked) =>
    findings.find(({ code }) => code === 'packages_half_configured')
  assert.deepEqual(
    [found(looked)?.about, found(looked)?.fixable, found(looked)?.fixed],
    ['libfoo', true, null],
  )
  const repaired = await doctor.examine(true)
  assert.equal(found(repaired)?.fixed, true)
  assert.deepEqual(engine.calls, [
    ['refuseWhilePrinting', 'recover'],
    ['recover', 'system', { hard: true, updateDependencies: false }],
  ])
})

test('where packages may not be touched the command is told', async (t) => {
  for (const packages of [
    () => null,
    () => ({ provider: async () => ({ mayRepair: async () => false }) as PackageProvider }),
    () => ({ provider: () => Promise.reject(new Error('no apt')) }),
    () => ({ provider: () => new Promise<PackageProvider>(() => undefined) }),
  ]) {
    const { doctor } = await doctorWith(t, fakeEngine(), { packages })
    const { findings } = await doctor.examine(true)
    const half = findings.find(({ code }) => code === 'packages_half_configured')
    assert.deepEqual([half?.fixable, half?.fixed], [false, null])
  }
})

test('nothing is repaired while something is updated or printed', async (t) => {
  const updating = Serialized.of({ ...emptyStatus, busy: true })
  const busy = await doctorWith(t, fakeEngine({ status: () => updating }))
  await assert.rejects(busy.doctor.examine(true), refusal('busy'))
  const { checks } = await busy.doctor.examine(false)
  const state = checks
    .filter(({ text }) => text.startsWith('Something is being updated'))
    .map(({ name }) => name)
  assert.deepEqual(state, ['packages', 'git_locks', 'environments'])
  const printing: Engine['refuseWhilePrinting'] = () =>
    Promise.reject(new MoonkeeperError('recovery_while_printing', 'printing'))
  const engine = fakeEngine({ refuseWhilePrinting: printing })
  const { doctor } = await doctorWith(t, engine)
  await assert.rejects(doctor.examine(true), refusal('recovery_while_printing'))
  assert.deepEqual(engine.calls, [])
})

test('who asks while somebody looks gets the same answer; a second repair is refused', async (t) => {
  const { doctor, started } = await doctorWith(t, fakeEngine())
  const [one, other] = await Promise.all([doctor.examine(false), doctor.examine(false)])
  assert.equal(one, other)
  const looks = started()
  await doctor.examine(false)
  assert.equal(started(), looks * 2)
  const first = doctor.examine(true)
  await assert.rejects(doctor.examine(true), refusal('busy'))
  await first
  await doctor.examine(true)
})
