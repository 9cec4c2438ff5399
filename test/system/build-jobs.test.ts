import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildEnvironment, buildJobs } from '../../src/system/build-jobs.js'

const withMemory = (mebibytes: number | null): { readText: () => Promise<string | null> } => ({
  readText: async () =>
    mebibytes === null ? null : `MemTotal: 999999 kB\nMemAvailable:   ${mebibytes * 1024} kB\n`,
})

test('as many builds as have memory run at once, at most one a processor', async () => {
  assert.equal(await buildJobs(withMemory(300), 4), 1)
  assert.equal(await buildJobs(withMemory(1100), 4), 2)
  assert.equal(await buildJobs(withMemory(64_000), 4), 4)
  assert.equal(await buildJobs(withMemory(null), 4), 1)
})

test('builds are told by their environment', async () => {
  const env = await buildEnvironment(withMemory(1100), 4)
  assert.equal(env['MAKEFLAGS'], '-j2')
  assert.equal(env['JOBS'], '2')
})
