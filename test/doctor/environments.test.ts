import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { environments } from '../../src/doctor/environments.js'
import { temporaryFolder } from '../support/folder.js'
import { patient, troublesOf } from '../support/patient.js'
import { snapshot } from '../support/snapshot.js'
import { realCommands } from '../support/surroundings.js'
import { makeBareVirtualenv } from '../support/virtualenv.js'

test('environments whose interpreter went, is another one, or does not run', async (t) => {
  const folder = await temporaryFolder(t)
  const names = ['good', 'gone', 'sick', 'other']
  const places = names.map((name) => path.join(folder, name))
  for (const place of places) makeBareVirtualenv(place)
  const [, gone = '', sick = '', other = ''] = places
  const python = (place: string): string => path.join(place, 'bin/python')
  for (const place of [gone, sick]) rmSync(python(place))
  symlinkSync('/usr/bin/python2.0', python(gone))
  writeFileSync(python(sick), '#!/bin/sh\necho "libpython3.9.so: cannot open" >&2; exit 127\n', {
    mode: 0o755,
  })
  // As an upgrade of the operating system leaves it: python3 is there, and is a newer one.
  const [made = ''] = Object.keys(snapshot(path.join(other, 'lib')))
  renameSync(path.join(other, 'lib', made), path.join(other, 'lib/python3.1'))
  const patients = names.map((name, index) => patient({ name, virtualenv: places[index] ?? '' }))
  const before = snapshot(folder)
  const troubles = await troublesOf(environments, { patients, commands: await realCommands() })
  assert.deepEqual(
    troubles.map(({ code, about, fix }) => [code, about, fix]),
    [gone, sick, other].map((place) => ['environment_broken', place, undefined]),
  )
  assert.match(troubles[0]?.cause ?? '', /its interpreter \/usr\/bin\/python2\.0 is gone/)
  assert.match(troubles[2]?.cause ?? '', /it was made for Python 3\.1, and/)
  assert.equal(troubles[0]?.repair, 'moonkeeper recover gone --update-deps')
  assert.deepEqual(snapshot(folder), before)
})

test('an interpreter that is in no environment is nobody’s trouble', async () => {
  const patients = [patient({ virtualenv: '/usr' }), patient({ virtualenv: '/nonexistent' })]
  assert.deepEqual(await troublesOf(environments, { patients, commands: await realCommands() }), [])
})
