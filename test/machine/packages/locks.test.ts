import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { PackageTask } from '../../../src/machine/packages/provider.js'
import { AptRoot, listener, toys } from '../../support/apt-root.js'
import { holdLock } from '../../support/locks.js'

const all: PackageTask = { kind: 'upgrade', removing: true }

test('the lock of another program is waited for, with its name', async (t) => {
  const apt = await AptRoot.create(t, toys('1.0', 'toy-a'), toys('1.1', 'toy-a'))
  const provider = await apt.provider()
  const talk = listener(apt.folder)
  await provider.refresh(talk)
  const plan = await provider.simulate(all, talk)
  assert.equal(await provider.busy(), null)
  for (const name of ['lock-frontend', 'lock']) {
    const holder = await holdLock(t, path.join(apt.root, 'var/lib/dpkg', name))
    assert.equal(await provider.busy(), holder.holder)
    await holder.release()
  }
  const holder = await holdLock(t, apt.inside('var/lib/dpkg/lock-frontend'))
  let said: (text: string) => void = () => undefined
  const first = new Promise<string>((resolve) => (said = resolve))
  const work = provider.apply(all, plan, { ...talk, say: (text) => (said(text), talk.say(text)) })
  assert.equal(await first, `Packages are in use by ${holder.holder}: waiting until it is done...`)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0' })
  await holder.release()
  await work
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1' })
})

test('who waits for a lock may be stopped', async (t) => {
  const apt = await AptRoot.create(t, toys('1.0', 'toy-a'), toys('1.1', 'toy-a'))
  const provider = await apt.provider()
  await holdLock(t, apt.inside('var/lib/apt/lists/lock'))
  const stop = new AbortController()
  const talk = listener(apt.folder, stop.signal)
  const work = provider.refresh({ ...talk, say: () => stop.abort(new Error('not wanted any more')) })
  await assert.rejects(work, /not wanted any more/)
})
