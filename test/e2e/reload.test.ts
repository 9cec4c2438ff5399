import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'

interface Machine {
  readonly daemon: Daemon
  /** The configuration's file, and its text as it was at the start. */
  readonly conf: string
  readonly text: string
}

const machine = async (t: TestContext): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const { upstream } = makeFixture(folder)
  configure(folder, upstream, await freePort())
  const daemon = new Daemon(path.join(folder, 'data'))
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  await daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'app' })
  const conf = path.join(folder, 'data/config/moonraker.conf')
  return { daemon, conf, text: readFileSync(conf, 'utf8') }
}

/** Waits for warnings of server.info as they are wanted. */
const warned = async (daemon: Daemon, wanted: (warnings: readonly string[]) => boolean): Promise<void> => {
  const answer = await daemon.askUntil('server.info', ({ result }) =>
    wanted((result as { warnings: string[] }).warnings),
  )
  assert.notEqual(answer, null)
}

const none = (warnings: readonly string[]): boolean => warnings.length === 0
const one =
  (pattern: RegExp) =>
  (warnings: readonly string[]): boolean =>
    warnings.filter((text) => pattern.test(text)).length === 1

test('what was wrong with a configuration is said once, and not any more when it is right', async (t) => {
  const { daemon, conf, text } = await machine(t)
  for (const wrong of ['[server]\nport: 1\n', '[update_manager]\nx: 1\n']) {
    writeFileSync(conf, text + wrong)
    daemon.kill('SIGHUP')
    const section = wrong.slice(1, wrong.indexOf(']'))
    await warned(daemon, one(new RegExp(`cannot be used.*'?${section}'?`)))
    await warned(daemon, one(/cannot be used/))
  }
  writeFileSync(conf, text)
  daemon.kill('SIGHUP')
  await warned(daemon, none)
})

test('a change that is taken back is none', async (t) => {
  const { daemon, conf, text } = await machine(t)
  appendFileSync(conf, 'info_tags:\n  desc=Changed\n')
  await warned(daemon, one(/configuration was changed/))
  writeFileSync(conf, `# a comment says nothing\n${text}`)
  await warned(daemon, none)
})

test('a file that is included since a reload is watched', async (t) => {
  const { daemon, conf, text } = await machine(t)
  const extra = path.join(path.dirname(conf), 'extra', 'more.conf')
  mkdirSync(path.dirname(extra))
  writeFileSync(extra, '[update_manager app]\ninfo_tags:\n  desc=One\n')
  writeFileSync(conf, `[include extra/*.conf]\n${text}`)
  daemon.kill('SIGHUP')
  await daemon.askUntil('machine.update.status', ({ result }) => JSON.stringify(result).includes('desc=One'))
  await warned(daemon, none)
  writeFileSync(extra, '[update_manager app]\ninfo_tags:\n  desc=Two\n')
  await warned(daemon, one(/configuration was changed/))
  daemon.kill('SIGHUP')
  await daemon.askUntil('machine.update.status', ({ result }) => JSON.stringify(result).includes('desc=Two'))
  await warned(daemon, none)
})

test('what counts after a restart only is told as long as it differs', async (t) => {
  const { daemon, conf, text } = await machine(t)
  const own = '[moonkeeper]\nlock_timeout: 99\n'
  writeFileSync(
    conf,
    text.replace(/port: \d+/, 'port: 9').replace('provider: none', 'provider: systemd_cli') + own,
  )
  daemon.kill('SIGHUP')
  await warned(
    daemon,
    one(/read at start only: \[server\] port, \[machine\] provider, \[moonkeeper\] lock_timeout\./),
  )
  writeFileSync(conf, text)
  daemon.kill('SIGHUP')
  await warned(daemon, none)
})

test('server.restart with a configuration that cannot be used is refused, and the old life goes on', async (t) => {
  const { daemon, conf, text } = await machine(t)
  writeFileSync(conf, `${text}[server]\nport: 1\n`)
  const line = text.split('\n').length
  const { error } = (await daemon.ask('server.restart')) ?? {}
  assert.equal(error?.code, 400)
  assert.match(error.message, new RegExp(`moonraker\\.conf.*\\b${line}\\b`))
  writeFileSync(conf, text)
  assert.equal((await daemon.ask('server.restart'))?.result, 'ok')
})
