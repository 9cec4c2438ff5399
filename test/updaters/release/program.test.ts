import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { arch } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { assetForMachine } from '../../../src/updaters/release/architecture.js'
import { releaseScene, script } from '../../support/release-scene.js'

const program = { options: { type: 'executable' } } as const
const info = (app: string): unknown => JSON.parse(readFileSync(path.join(app, 'release_info.json'), 'utf8'))

test('a program is replaced with mode 755, and its release_info.json says the version', async (t) => {
  const at = await releaseScene(t, program)
  await at.bench.engine.upgrade('app')
  assert.equal(readFileSync(path.join(at.app, 'tool'), 'utf8'), script('v2.0.0'))
  assert.equal(statSync(path.join(at.app, 'tool')).mode & 0o7777, 0o755)
  assert.deepEqual(info(at.app), {
    project_name: 'app',
    project_owner: 'owner',
    version: 'v2.0.0',
    asset_name: 'tool',
  })
  assert.deepEqual(Object.keys(at.tree()), ['release_info.json', 'tool'])
  assert.deepEqual(
    [at.status().version, at.messages().at(-1)],
    ['v2.0.0', 'Executable app: Update Finished...'],
  )
  assert.equal(at.held().length, 1)
})

test('a rollback brings the kept program back, and what is not kept any more is gone', async (t) => {
  const at = await releaseScene(t, program)
  const before = at.tree()
  await at.bench.engine.upgrade('app')
  at.forge.vanish()
  await at.bench.engine.rollback('app')
  assert.deepEqual([at.tree()['tool'], at.status().version], [before['tool'], 'v1.0.0'])
  assert.equal(at.held().length, 1)
})

test('an undo brings the program and its release_info.json back as they were', async (t) => {
  const restart = (): Promise<void> => Promise.reject(new Error('the service does not start'))
  const at = await releaseScene(t, {
    options: { type: 'executable', managed_services: ['app'] },
    overrides: { services: { restart } },
  })
  const before = at.tree()
  await assert.rejects(at.bench.engine.upgrade('app'), /does not start|could not be undone/)
  assert.deepEqual(at.tree(), before)
})

/** The head of an ELF file for a machine. */
const elf = (machine: number): Buffer => {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[4] = 2
  head[5] = 1
  head.writeUInt16LE(machine, 18)
  return head
}

const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183, arm: 40, ia32: 3, riscv64: 243 }
const own = machines[arch()] ?? 0
const other = own === 183 ? 62 : 183

test('a program for another machine, and what is none, are refused with nothing changed', async (t) => {
  for (const [tool, message] of [
    [elf(other), /it is a program for/],
    ['just a text', /neither a script nor an ELF file/],
    ['', /neither a script nor an ELF file/],
  ] as const) {
    const at = await releaseScene(t, { ...program, releases: [{ tag: 'v2.0.0', assets: { tool } }] })
    const before = at.tree()
    await assert.rejects(at.bench.engine.upgrade('app'), { kind: 'bad_archive', message })
    assert.deepEqual([at.tree(), at.held()], [before, []])
  }
})

test('a program for this machine is taken', async (t) => {
  const at = await releaseScene(t, { ...program, releases: [{ tag: 'v2.0.0', assets: { tool: elf(own) } }] })
  await at.bench.engine.upgrade('app')
  assert.ok(readFileSync(path.join(at.app, 'tool')).equals(elf(own)))
})

const assets = (...names: readonly string[]) =>
  names.map((name) => ({ name, url: `https://forge/${name}`, size: 1, sha256: null }))

const choices = [
  ['arm64', ['tool-amd64', 'tool-arm64', 'tool-armv7'], 'tool-arm64'],
  ['arm64', ['tool_linux_x86_64', 'tool_linux_aarch64'], 'tool_linux_aarch64'],
  ['arm', ['tool-arm64', 'tool-armhf'], 'tool-armhf'],
  ['arm', ['tool-aarch64', 'tool-armv6l'], 'tool-armv6l'],
  ['x64', ['tool-i686', 'tool-x86_64', 'tool-arm64'], 'tool-x86_64'],
  ['ia32', ['tool-x86_64', 'tool-i386'], 'tool-i386'],
  ['ia32', ['tool-x86_64', 'tool-x86'], 'tool-x86'],
  ['ia32', ['tool-x86_64'], undefined],
  ['x64', ['other-amd64', 'tool-amd64'], 'tool-amd64'],
  ['x64', ['only'], 'only'],
  ['x64', ['tool-arm64'], undefined],
  ['x64', ['harmony', 'charming'], undefined],
] as const

test('the asset for the machine is chosen by its name', () => {
  for (const [machine, names, expected] of choices)
    assert.equal(
      assetForMachine('tool', assets(...names), machine)?.name,
      expected,
      `${machine}: ${names.join(' ')}`,
    )
})
