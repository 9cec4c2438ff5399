import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { manager } from '../../../src/machine/packages/packagekit-questions.js'
import { listener, toys } from '../../support/apt-root.js'
import { temporaryFolder } from '../../support/folder.js'
import { all, kitScene } from '../../support/kit-scene.js'
import { holdLock } from '../../support/locks.js'
import { serveWeb } from '../../support/web-server.js'
import { gateIn, killPackageTools, release } from '../../support/system-machine.js'

test('a package whose script fails is named; it can be mended without apt and sudo', async (t) => {
  const { apt, provider, alone, talk } = await kitScene(t, [
    { name: 'toy-b', version: '1.1', script: 'exit 3' },
  ])
  const work = provider.apply(all, await provider.simulate(all, talk), talk)
  await assert.rejects(work, { kind: 'package_failed', message: /toy-b .*term\.log/ })
  assert.deepEqual(await provider.unfinished(), ['toy-b'])
  await assert.rejects(provider.repair(talk), { kind: 'package_failed', message: /toy-b .*exit status 3/ })
  await apt.setScript('toy-b', 'exit 0')
  assert.equal(await alone.mayRepair(), true)
  await alone.repair(talk)
  assert.equal((await apt.packages())['toy-b'], '1.1')
})

test('packagekitd that is killed in the middle: what it left is brought to its end', async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { apt, kit, provider, talk } = await kitScene(t, [
    { name: 'toy-b', version: '1.1', script: gate.script },
  ])
  const work = provider.apply(all, await provider.simulate(all, talk), talk)
  const handle = await gate.begun()
  await kit.kill()
  await kit.start()
  await release(handle, 'on')
  await work
  assert.equal((await apt.packages())['toy-b'], '1.1')
  assert.ok(
    talk.lines.some((line) => line.startsWith('PackageKit ended in the middle')),
    talk.lines.join('\n'),
  )
})

test('packagekitd that is killed with all it started: it failed, and nothing is half installed', async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { apt, kit, provider, talk } = await kitScene(t, [
    { name: 'toy-b', version: '1.1', script: gate.script },
    { name: 'toy-c', version: '1.1', fields: ['Pre-Depends: toy-b (>= 1.1)'] },
  ])
  const work = provider.apply(all, await provider.simulate(all, talk), talk)
  const handle = await gate.begun()
  kit.freeze()
  assert.ok((await killPackageTools(apt)).length >= 2)
  await handle.close()
  // Nobody starts it again: apt mends what it left.
  await kit.kill()
  const again = gate.begun()
  const failed = assert.rejects(work, {
    kind: 'command_failed',
    message:
      /PackageKit ended in the middle of it .*Nothing is half installed. Not changed: toy-c\. Update again/,
  })
  await release(await again, 'on')
  await failed
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.1', 'toy-c': '1.0' })
})

test('once it installs nothing ends it', async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { apt, provider, talk } = await kitScene(t, [{ name: 'toy-b', version: '1.1', script: gate.script }])
  const stop = new AbortController()
  const plan = await provider.simulate(all, talk)
  const work = provider.apply(all, plan, { ...talk, signal: stop.signal })
  const handle = await gate.begun()
  stop.abort(new Error('not wanted any more'))
  await release(handle, 'on')
  await work
  assert.equal((await apt.packages())['toy-b'], '1.1')
})

test('what may be ended is: a refresh that nobody wants any more', async (t) => {
  const { apt, bus, provider } = await kitScene(t)
  const stop = new AbortController()
  // It is asked, and says nothing.
  await apt.source(await serveWeb(t, () => stop.abort(new Error('not wanted any more'))))
  await assert.rejects(provider.refresh(listener('/nonexistent', stop.signal)), /not wanted any more/)
  const underWay = async (): Promise<number> => {
    const [list] = await bus.call({ ...manager, member: 'GetTransactionList' })
    return (list as readonly unknown[]).length
  }
  for (let tries = 0; tries < 1000 && (await underWay()) > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(await underWay(), 0)
})

test('the lock of another apt is waited for, and its program is named', async (t) => {
  const { apt, provider, alone, talk } = await kitScene(t)
  const plan = await provider.simulate(all, talk)
  const lock = await holdLock(t, apt.inside('var/lib/dpkg/lock-frontend'))
  let said: (text: string) => void = () => undefined
  const first = new Promise<string>((resolve) => (said = resolve))
  const work = provider.apply(all, plan, { ...talk, say: (text) => said(text) })
  assert.equal(await first, `Packages are in use by ${lock.holder}: waiting until it is done...`)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  await lock.release()
  await work
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  // PackageKit's own word for it, where nobody sees who has the lock.
  const lists = await holdLock(t, apt.inside('var/lib/apt/lists/lock'))
  const words: string[] = []
  let asked = 0
  const refresh = alone.refresh({
    ...talk,
    say: (text) => {
      words.push(text)
      if (text === 'Transaction Refresh cache started...' && (asked += 1) === 2) void lists.release()
    },
  })
  assert.deepEqual(await refresh, [])
  assert.match(words.join('\n'), /Exit Failed.*Exit Success/s)
})

test('sources that fail are told in plain words', async (t) => {
  const { apt, provider, talk } = await kitScene(t)
  const list = apt.inside('etc/apt/sources.list')
  const good = await readFile(list, 'utf8')
  const gone = 'deb [trusted=yes] file:/nonexistent/repository ./\n'
  // One of several: the others are used.
  await writeFile(list, `${good}${gone}`)
  const [warning = ''] = await provider.refresh(talk)
  assert.match(warning, /nonexistent.*not there any more/)
  assert.equal((await provider.simulate(all, talk)).upgrade.length, 3)
  const refuses = async (content: string, kind: string): Promise<void> => {
    await writeFile(list, content)
    await assert.rejects(provider.refresh(talk), { kind }, content)
  }
  await refuses(gone, 'sources_gone')
  await refuses('deb [trusted=yes] http://no-such-host.invalid/debian ./\n', 'no_dns')
  await refuses('deb [trusted=yes] http://127.0.0.1:9/debian ./\n', 'sources_unreachable')
  await refuses('dep http://example.invalid/ stable main\n', 'sources_unreadable')
  await refuses(`deb file:${apt.repository} ./\n`, 'sources_untrusted')
  await apt.publish(toys('1.1', 'toy-a'), { Date: new Date(Date.now() + 30 * 86_400_000).toUTCString() })
  await refuses(good, 'clock_wrong')
  await apt.publish(toys('1.1', 'toy-a'), {
    'Valid-Until': new Date(Date.now() - 30 * 86_400_000).toUTCString(),
  })
  await refuses(good, 'sources_expired')
})
