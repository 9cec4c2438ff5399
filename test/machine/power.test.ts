import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { createPower } from '../../src/machine/power.js'
import { systemFiles } from '../../src/system/files.js'
import { writeFiles } from '../support/config.js'
import { temporaryFolder } from '../support/folder.js'

/** /sys/class/hwmon with these files. */
const told = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<boolean | null> => {
  const folder = await temporaryFolder(t)
  await writeFiles(folder, files)
  return createPower(systemFiles, folder).underVoltage()
}

test('the monitor of a Raspberry Pi tells whether the supply is too weak now', async (t) => {
  const other = { 'hwmon0/name': 'cpu_thermal\n', 'hwmon0/in0_lcrit_alarm': '1\n' }
  const pi = (alarm: string): Record<string, string> => ({
    ...other,
    'hwmon1/name': 'rpi_volt\n',
    'hwmon1/in0_lcrit_alarm': `${alarm}\n`,
  })
  assert.equal(await told(t, pi('1')), true)
  assert.equal(await told(t, pi('0')), false)
})

test('a machine without it tells nothing', async (t) => {
  assert.equal(await told(t, { 'hwmon0/name': 'cpu_thermal\n' }), null)
  assert.equal(await told(t, { 'hwmon0/name': 'rpi_volt\n' }), null)
  assert.equal(await told(t, {}), null)
  assert.equal(
    await createPower(systemFiles, path.join(await temporaryFolder(t), 'none')).underVoltage(),
    null,
  )
})

test('a monitor that cannot be read tells nothing, and keeps nobody from a plan', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFiles(folder, { 'hwmon0/name': 'rpi_volt\n' })
  const readText = (file: string): Promise<string | null> =>
    file.endsWith('alarm')
      ? Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
      : systemFiles.readText(file)
  assert.equal(await createPower({ ...systemFiles, readText }, folder).underVoltage(), null)
})
