import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import {
  createHealthGate,
  type HealthBefore,
  type HealthGate,
  type HealthSurroundings,
} from '../../src/engine/health.js'
import { healthSubject, type HealthSubject } from '../../src/engine/health-subject.js'
import type { Printer } from '../../src/klippy/printer.js'
import type { CommandOptions, CommandResult, Commands } from '../../src/system/commands.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttpProbe } from '../../src/system/http-probe.js'
import { hastyClock, standingClock, type TestClock } from '../support/clock.js'
import { temporaryFolder } from '../support/folder.js'
import { notRunning, running, scriptedServices, type ScriptedServices } from '../support/services.js'
import { realCommands } from '../support/surroundings.js'

const never = new AbortController().signal

const subject = (overrides: Partial<HealthSubject> = {}): HealthSubject => ({
  name: 'demo',
  services: [],
  settleTime: 10,
  command: null,
  url: null,
  files: [],
  klipper: false,
  ...overrides,
})

interface Scene {
  readonly gate: HealthGate
  readonly services: ScriptedServices
  readonly printer: { state: Printer['state'] }
  readonly clock: TestClock
  readonly lines: string[]
  readonly prove: (of: HealthSubject, before: HealthBefore, signal?: AbortSignal) => Promise<void>
}

const scene = async (overrides: Partial<HealthSurroundings> = {}): Promise<Scene> => {
  const services = scriptedServices()
  const printer: Scene['printer'] = { state: 'ready' }
  const clock = hastyClock()
  const lines: string[] = []
  const gate = createHealthGate({
    services,
    printer,
    commands: await realCommands(),
    probe: systemHttpProbe,
    files: systemFiles,
    clock,
    ...overrides,
  })
  const progress = (text: string): void => void lines.push(text)
  const prove: Scene['prove'] = (of, before, signal = never) => gate.prove(of, before, { signal, progress })
  return { gate, services, printer, clock, lines, prove }
}

const worked = (...keys: readonly string[]): HealthBefore => ({ worked: keys, broken: [] })

const failure = (text: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof MoonkeeperError, String(thrown))
  assert.equal(thrown.kind, 'health_failed')
  assert.match(thrown.message, text)
  return true
}

const sum = (waits: readonly number[]): number => waits.reduce((total, wait) => total + wait, 0)

describe('services', () => {
  const demo = subject({ services: ['demo'] })
  const ran = worked('service demo')

  test('one that stays up for the settle time passes', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', running({ restarts: 3 }))
    await prove(demo, ran)
    assert.equal(sum(clock.waits), 10_000)
    assert.equal(services.looks.length, 11)
  })

  test('one that comes up slowly passes, and its settle time begins then', async () => {
    const { services, clock, prove } = await scene()
    const slow = Array.from({ length: 29 }, () => notRunning('start-pre'))
    services.play('demo', ...slow, running())
    await prove(demo, ran)
    assert.equal(sum(clock.waits), 39_000)
  })

  test('a crash loop is noticed, and counted', async () => {
    const { services, prove } = await scene()
    const up = Array.from({ length: 10 }, () => running({ restarts: 1 }))
    services.play('demo', ...up, running({ restarts: 4, since: '2000' }))
    await assert.rejects(
      prove(demo, ran),
      failure(
        /^Service demo was restarted 3 times within 10 seconds after the update: look at journalctl -u demo$/,
      ),
    )
  })

  test('one that became active anew was restarted, also when nobody counted it', async () => {
    const { services, prove } = await scene()
    services.play('demo', running(), running({ since: '2000' }))
    await assert.rejects(prove(demo, ran), failure(/demo was restarted 1 time within 1 second /))
  })

  test('one that is counted as restarted was, also when it seems to have run all the time', async () => {
    const { services, prove } = await scene()
    services.play('demo', running({ restarts: 1 }), running({ restarts: 3 }))
    await assert.rejects(prove(demo, ran), failure(/demo was restarted 2 times within 1 second /))
  })

  test('one that waits for its next start, or ended, has ended', async () => {
    const { services, prove } = await scene()
    services.play('demo', running(), running(), notRunning('auto-restart'))
    await assert.rejects(prove(demo, ran), failure(/demo ended \(auto-restart\) within 2 seconds /))
    services.play('demo', running(), notRunning('dead'))
    await assert.rejects(prove(demo, ran), failure(/demo ended \(dead\) within 1 second /))
  })

  test('one that failed fails at once', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', notRunning('failed', 5))
    await assert.rejects(prove(demo, ran), failure(/^Service demo failed within 1 second after/))
    assert.deepEqual(clock.waits, [])
  })

  test('one that does not come up within 30 seconds fails', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', notRunning('auto-restart', 2))
    await assert.rejects(prove(demo, ran), failure(/was not active \(auto-restart\) within 30 seconds/))
    assert.equal(sum(clock.waits), 30_000)
  })

  test('a look that tells nothing is no fault, many are', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', null, running(), null, null, running())
    await prove(demo, ran)
    assert.equal(sum(clock.waits), 11_000)
    services.play('demo', running(), null)
    await assert.rejects(prove(demo, ran), failure(/does not exist, or systemd did not answer, for 30 sec/))
  })

  test('nothing known for a while, twice, is no fault', async () => {
    const { services, prove } = await scene()
    const dark = Array.from({ length: 20 }, () => null)
    services.play('demo', running(), ...dark, running(), ...dark, running())
    await prove(subject({ services: ['demo'], settleTime: 42 }), ran)
  })

  test('several are waited for at once', async () => {
    const { services, prove, clock } = await scene()
    services.play('demo', running())
    services.play('other', running())
    await prove(
      subject({ services: ['demo', 'other'], klipper: true }),
      worked('service demo', 'service other', 'klipper'),
    )
    assert.equal(sum(clock.waits), 3 * 10_000)
    assert.deepEqual(services.looks.slice(0, 4), ['demo', 'other', 'demo', 'other'])
  })

  test('settle time 0: to be up once is enough', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', notRunning('start'), running())
    await prove(subject({ services: ['demo'], settleTime: 0 }), ran)
    assert.equal(sum(clock.waits), 1_000)
  })
})

describe('what was broken before', () => {
  test('is told, and not asked', async () => {
    const { gate, services, printer, clock, lines, prove } = await scene()
    const of = subject({
      services: ['stopped', 'failed', 'unknown'],
      klipper: true,
      url: 'http://127.0.0.1:1/path?token=secret',
      command: ['false'],
      files: ['/nonexistent/index.html'],
    })
    printer.state = 'shutdown'
    services.play('stopped', notRunning('dead'))
    services.play('failed', notRunning('failed'))
    const before = await gate.observe(of, never)
    assert.deepEqual(before, {
      worked: [],
      broken: [
        'file /nonexistent/index.html',
        'service stopped',
        'service failed',
        'klipper',
        'url',
        'command',
      ],
    })
    services.looks.length = 0
    await prove(of, before)
    assert.deepEqual(services.looks, [])
    assert.deepEqual(clock.waits, [])
    assert.deepEqual(lines, [
      'Not looking at /nonexistent/index.html: it was missing before the update',
      'Not looking at service stopped: it did not run before the update',
      'Not looking at service failed: it did not run before the update',
      'Not looking at Klipper: it was not ready before the update',
      'Not looking at http://127.0.0.1:1/path: it did not answer before the update',
      'Not looking at the health command: it failed before the update',
    ])
  })

  test('a crash loop from before is not blamed, a restart of long ago is no crash loop', async () => {
    const { gate, services, clock } = await scene()
    const of = subject({ services: ['demo'] })
    services.play('demo', running({ restarts: 7 }), running({ restarts: 8, since: '2000' }))
    assert.deepEqual(await gate.observe(of, never), { worked: [], broken: ['service demo'] })
    assert.deepEqual(clock.waits, [10_000])
    services.play('demo', running({ restarts: 7 }))
    assert.deepEqual(await gate.observe(of, never), { worked: ['service demo'], broken: [] })
  })

  test('what is not known to have run is neither told nor asked', async () => {
    const { gate, clock, lines, prove } = await scene()
    const of = subject({ services: ['demo'] })
    const before = await gate.observe(of, never)
    assert.deepEqual(before, { worked: [], broken: [] })
    await prove(of, before)
    assert.deepEqual([lines, clock.waits], [[], []])
  })

  test('what worked is remembered as plain JSON', async () => {
    const { gate, services } = await scene()
    services.play('demo', running())
    const of = subject({ services: ['demo'], klipper: true, command: ['true'] })
    const before = await gate.observe(of, never)
    assert.deepEqual(before, worked('service demo', 'klipper', 'command'))
    assert.deepEqual(JSON.parse(JSON.stringify(before)), before)
  })
})

test('where nothing is to be asked nothing is waited for', async () => {
  const { gate, clock, lines, prove } = await scene()
  const before = await gate.observe(subject(), never)
  await prove(subject(), before)
  assert.deepEqual([before, lines, clock.waits], [worked(), [], []])
})

interface Web {
  readonly url: string
  /** Status of the answers, one after the other; the last one stays. 0 is no answer. */
  answers: number[]
  asked: number
}

const serve = async (t: TestContext): Promise<Web> => {
  const server = createServer((_request, response) => {
    web.asked += 1
    const status = (web.answers.length > 1 ? web.answers.shift() : web.answers[0]) ?? 500
    if (status === 0) response.destroy()
    else response.writeHead(status, { location: '/elsewhere' }).end('text')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const web = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health?token=secret`,
    answers: [200],
    asked: 0,
  }
  return web
}

describe('the address', () => {
  test('that answers after three polls passes', async (t) => {
    const web = await serve(t)
    web.answers = [0, 503, 404, 302]
    const { clock, prove } = await scene()
    await prove(subject({ url: web.url }), worked('url'))
    assert.equal(web.asked, 4)
    assert.equal(sum(clock.waits), 3_000)
  })

  test('that answers is remembered', async (t) => {
    const web = await serve(t)
    const { gate } = await scene()
    assert.deepEqual(await gate.observe(subject({ url: web.url }), never), worked('url'))
    web.answers = [500]
    assert.deepEqual(await gate.observe(subject({ url: web.url }), never), { worked: [], broken: ['url'] })
  })

  test('that only errs fails when the settle time and 30 seconds are over', async (t) => {
    const web = await serve(t)
    web.answers = [503]
    const { clock, prove } = await scene()
    await assert.rejects(
      prove(subject({ url: web.url, settleTime: 2 }), worked('url')),
      failure(
        /^http:\/\/127\.0\.0\.1:\d+\/health did not answer with success within 32 seconds .*\(it answered 503\)/,
      ),
    )
    assert.equal(sum(clock.waits), 32_000)
  })

  test('that is dead fails with why', async () => {
    const { prove } = await scene()
    const of = subject({ url: 'http://127.0.0.1:2/' })
    await assert.rejects(prove(of, worked('url')), failure(/\(nothing listens there\)/))
  })
})

/** Real commands, and how each was ended. */
const watchedCommands = async (): Promise<{ commands: Commands; ends: CommandResult['ended'][] }> => {
  const real = await realCommands()
  const ends: CommandResult['ended'][] = []
  const run: Commands['run'] = async (argv, options) => {
    const result = await real.run(argv, options)
    ends.push(result.ended)
    return result
  }
  return { commands: { run }, ends }
}

describe('the command', () => {
  test('that succeeds passes', async () => {
    const { clock, prove } = await scene()
    await prove(subject({ command: ['true'] }), worked('command'))
    assert.deepEqual(clock.waits, [])
  })

  test('that succeeds at last passes', async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'up')
    const { clock, prove } = await scene()
    clock.onWait = async () => {
      if (clock.waits.length === 3) await writeFile(file, '')
    }
    await prove(subject({ command: ['test', '-e', file] }), worked('command'))
    assert.equal(clock.waits.length, 3)
  })

  const fails = async (program: string, text: RegExp): Promise<void> => {
    const { prove } = await scene()
    const of = subject({ command: ['sh', '-c', program], settleTime: 0 })
    await assert.rejects(prove(of, worked('command')), failure(text))
  }

  test('that fails is told with its last line', async () => {
    await fails(
      'echo out; echo first >&2; echo no heater >&2; exit 3',
      /^The health command still failed 30 seconds after the update: no heater\. Try it: sh -c/,
    )
    await fails('echo one; echo "only output"; exit 1', /: only output\. Try/)
    await fails('exit 7', /: it ended with code 7\. Try/)
    await fails('kill -9 $$', /: (it was killed|it ended with code 137)\. Try/)
  })

  test('that hangs or floods fails with that', async () => {
    for (const [ended, text] of [
      ['timeout', /: it did not end within 30 seconds\. Try/],
      ['too_much_output', /: it wrote more than 1 MiB\. Try/],
    ] as const) {
      const limits: CommandOptions[] = []
      const run: Commands['run'] = async (_argv, options = {}) => {
        limits.push(options)
        return { code: null, stdout: Buffer.from('on and on\n'), stderr: '', ended }
      }
      const { prove } = await scene({ commands: { run } })
      await assert.rejects(prove(subject({ command: ['check'] }), worked('command')), failure(text))
      assert.deepEqual([limits[0]?.timeout, limits[0]?.maxOutput], [30_000, 1024 * 1024])
    }
  })

  test('that cannot be started fails with why', async () => {
    const { prove } = await scene()
    const of = subject({ command: ['/nonexistent/check'], settleTime: 0 })
    await assert.rejects(
      prove(of, worked('command')),
      failure(/Could not start \/nonexistent\/check \(ENOENT\)/),
    )
  })
})

describe('Klipper', () => {
  const of = subject({ klipper: true })
  const ready = worked('klipper')

  /** Its state after so many polls. */
  const play = ({ printer, clock }: Scene, states: Readonly<Record<number, Printer['state']>>): void => {
    printer.state = states[0] ?? 'ready'
    clock.onWait = () => void (printer.state = states[clock.waits.length] ?? printer.state)
  }

  test('that is ready again within 2 minutes, and stays so, passes', async () => {
    const at = await scene()
    play(at, { 0: 'disconnected', 50: 'startup', 119: 'ready' })
    await at.prove(of, ready)
    assert.equal(sum(at.clock.waits), 129_000)
  })

  test('that never comes back fails', async () => {
    const at = await scene()
    play(at, { 0: 'disconnected', 4: 'error' })
    await assert.rejects(
      at.prove(of, ready),
      failure(/^Klipper was not ready within 120 seconds .* 'error'.* klippy\.log/),
    )
    assert.equal(sum(at.clock.waits), 120_000)
  })

  test('that does not stay ready fails', async () => {
    const at = await scene()
    play(at, { 0: 'startup', 20: 'ready', 24: 'shutdown' })
    await assert.rejects(at.prove(of, ready), failure(/lost within 24 seconds after the update.* 'shutdown'/))
  })

  test('that is seen through the connection from before its restart is waited for', async () => {
    const at = await scene()
    play(at, { 0: 'ready', 1: 'disconnected', 8: 'ready' })
    await at.prove(of, ready)
    assert.equal(sum(at.clock.waits), 18_000)
  })
})

test('a file that was there must be there', async (t) => {
  const file = path.join(await temporaryFolder(t), 'index.html')
  const of = subject({ files: [file] })
  const { gate, clock, prove } = await scene()
  await writeFile(file, '')
  const before = await gate.observe(of, never)
  await prove(of, before)
  await rm(file)
  await assert.rejects(prove(of, before), failure(/index\.html is missing after the update: look at ls -la/))
  assert.deepEqual(clock.waits, [])
})

test('what is waited for is told at the beginning and every 10 seconds', async () => {
  const { services, lines, prove } = await scene()
  services.play('slow', ...Array.from({ length: 12 }, () => notRunning('start')), running())
  services.play('quick', running())
  const of = subject({ services: ['quick', 'slow'] })
  await prove(of, worked('service quick', 'service slow'))
  assert.deepEqual(lines, [
    'Looking whether demo works: service quick, service slow...',
    'Still looking at service slow after 10 seconds...',
    'Still looking at service slow after 20 seconds...',
  ])
})

describe('the time', () => {
  test('that jumps by months costs a service no more than one look', async () => {
    const { services, clock, prove } = await scene()
    services.play('demo', ...Array.from({ length: 5 }, () => notRunning('start')), running())
    clock.onWait = () => {
      if (clock.waits.length === 2) clock.time += 90 * 24 * 3_600_000
      if (clock.waits.length === 4) clock.time = 0
    }
    await prove(subject({ services: ['demo'] }), worked('service demo'))
  })

  test('that looks take counts', async (t) => {
    const web = await serve(t)
    web.answers = [503]
    const { clock, prove } = await scene()
    clock.onWait = () => void (clock.time += 6_000)
    await assert.rejects(prove(subject({ url: web.url }), worked('url')), failure(/within 42 seconds/))
    assert.equal(web.asked, 8)
  })
})

describe('a stop', () => {
  const reason = new MoonkeeperError('shutting_down', 'The daemon stops')

  test('ends the waiting at once', async () => {
    const { clock, reached } = standingClock()
    const { services, prove } = await scene({ clock })
    services.play('demo', running())
    const control = new AbortController()
    const proof = prove(subject({ services: ['demo'] }), worked('service demo'), control.signal)
    await reached
    control.abort(reason)
    await assert.rejects(proof, reason)
  })

  test('ends a command and a request that hang, after the update and before it', async (t) => {
    const asked: (() => void)[] = []
    const server = createServer(() => asked.shift()?.())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const of = subject({ url, command: ['sleep', '1000'] })
    const { commands, ends } = await watchedCommands()
    const { gate, prove } = await scene({ commands })
    for (const work of [
      (signal: AbortSignal) => prove(of, worked('url', 'command'), signal),
      (signal: AbortSignal) => gate.observe(of, signal),
    ]) {
      const control = new AbortController()
      const reached = new Promise<void>((resolve) => asked.push(resolve))
      const running = work(control.signal)
      await reached
      control.abort(reason)
      await assert.rejects(running, reason)
    }
    assert.deepEqual(ends, ['aborted', 'aborted'])
  })
})

test('the first failure ends what else is looked at', async () => {
  const { commands, ends } = await watchedCommands()
  const { services, prove } = await scene({ commands })
  services.play('demo', notRunning('failed'))
  const of = subject({ services: ['demo'], command: ['sleep', '1000'] })
  await assert.rejects(prove(of, worked('service demo', 'command')), failure(/^Service demo failed/))
  assert.deepEqual(ends, ['aborted'])
})

describe('what is to be looked at', () => {
  test('comes from the options', () => {
    const own = { settle_time: 3, health_command: ' check  --url\n "x y" ', health_url: 'http://127.0.0.1/' }
    assert.deepEqual(healthSubject('demo', ['demo', 'demo'], ['/a'], own), {
      name: 'demo',
      services: ['demo'],
      settleTime: 3,
      command: ['check', '--url', '"x', 'y"'],
      url: 'http://127.0.0.1/',
      files: ['/a'],
      klipper: false,
    })
    const bare = healthSubject('demo', [], [], { settle_time: 10, health_command: ' ' })
    assert.deepEqual([bare.command, bare.url], [null, null])
  })

  test('Klipper too, where it is updated or restarted', () => {
    const own = { settle_time: 10 }
    assert.equal(healthSubject('klipper', [], [], own).klipper, true)
    assert.equal(healthSubject('demo', ['klipper-1'], [], own).klipper, true)
    assert.equal(healthSubject('demo', ['klipper_mcu', 'KlipperScreen'], [], own).klipper, false)
  })
})
