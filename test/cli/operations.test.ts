import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { runCli } from '../../src/cli/index.js'
import { runOperation } from '../../src/cli/operation.js'
import { ProgressView } from '../../src/cli/progress.js'
import { RpcClient } from '../../src/cli/rpc-client.js'
import { temporaryFolder } from '../support/folder.js'
import { aJob, jobId } from '../support/job.js'
import { recordedIo, run, screenAfter } from './fake-io.js'
import type { Ran } from './fake-io.js'
import { serveUnix, serveWebSocket } from './fake-server.js'
import type { Asked, Handlers, Peer } from './fake-server.js'

const upgrading = (
  upgrade: (peer: Peer, params: Asked['params']) => void,
  more: Handlers = {},
): Handlers => ({
  'machine.update.upgrade': upgrade,
  ...more,
})

const runAgainst = async (
  t: TestContext,
  handlers: Handlers,
  args: readonly string[],
  overrides: Parameters<typeof run>[2] = {},
): Promise<Ran & { readonly asked: readonly Asked[] }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), handlers)
  return { ...(await run(folder, args, overrides)), asked }
}

describe('upgrade', () => {
  it('prints the lines of its own operation only', async (t) => {
    const { code, out, err, asked } = await runAgainst(
      t,
      upgrading((peer) => {
        peer.line('Updating Application demo...', 'demo')
        peer.line('of someone else', 'recover_demo', true)
        peer.notify('notify_proc_stat_update', { cpu: 1 })
        peer.notify('notify_klippy_ready')
        peer.line('Update Finished...', 'demo', true)
        peer.answer('ok')
      }),
      ['upgrade', 'demo'],
    )
    assert.deepEqual([code, out, err], [0, 'Updating Application demo...\nUpdate Finished...\n', ''])
    assert.deepEqual(asked.at(-1), { method: 'machine.update.upgrade', params: { name: 'demo' } })
  })

  it('without a name follows the full update', async (t) => {
    const { code, out, asked } = await runAgainst(
      t,
      upgrading((peer) => {
        peer.line('Preparing full software update...', 'full')
        peer.line('Full Update Complete', 'full', true)
        peer.answer('ok')
      }),
      ['upgrade'],
    )
    assert.deepEqual([code, out], [0, 'Preparing full software update...\nFull Update Complete\n'])
    assert.deepEqual(asked.at(-1)?.params, {})
  })

  it('waits for a last line that comes after the answer', async (t) => {
    const { code, out } = await runAgainst(
      t,
      upgrading((peer) => {
        peer.line('first', 'demo')
        peer.answer('ok')
        // In a later turn, so that the client has seen the answer alone.
        setTimeout(() => peer.line('last', 'demo', true), 20)
      }),
      ['upgrade', 'demo'],
    )
    assert.deepEqual([code, out], [0, 'first\nlast\n'])
  })

  it('shows lines of which all come after the answer', async (t) => {
    const { code, out } = await runAgainst(
      t,
      upgrading((peer) => peer.answer('ok'), {
        'server.info': (peer) => {
          peer.line('first', 'demo')
          peer.line('last', 'demo', true)
          peer.answer({})
        },
      }),
      ['upgrade', 'demo'],
    )
    assert.deepEqual([code, out], [0, 'first\nlast\n'])
  })

  it('says so when there was nothing to do', async (t) => {
    const { code, out } = await runAgainst(
      t,
      upgrading((peer) => peer.answer('ok')),
      ['upgrade', 'demo'],
    )
    assert.deepEqual([code, out], [0, 'demo is up to date.\n'])
  })

  it('exits with 1 and the reason when it fails, before or after its last line', async (t) => {
    const reason = 'Git Command failed'
    const orders: readonly ((peer: Peer) => void)[] = [
      (peer) => {
        peer.line(`Error updating demo: ${reason}`, 'demo', true)
        peer.refuse(400, reason)
      },
      (peer) => {
        peer.line('Updating...', 'demo')
        peer.refuse(400, reason)
        setTimeout(() => peer.line(`Error updating demo: ${reason}`, 'demo', true), 20)
      },
    ]
    for (const order of orders) {
      const { code, out, err } = await runAgainst(t, upgrading(order), ['upgrade', 'demo'])
      assert.deepEqual([code, err], [1, `moonkeeper: ${reason}\n`])
      assert.match(out, /Error updating demo: Git Command failed\n$/)
    }
  })

  it('does not wait for ever for a last line that never comes', async (t) => {
    const folder = await temporaryFolder(t)
    const { socket } = await serveUnix(
      t,
      folder,
      upgrading((peer) => {
        peer.line('Updating...', 'demo')
        peer.refuse(400, 'broken')
      }),
    )
    const recorded = recordedIo(folder)
    const client = await RpcClient.open({ kind: 'unix', path: socket }, recorded.io.signal)
    const operation = { method: 'machine.update.upgrade', params: {}, application: 'demo' }
    const outcome = await runOperation(client, operation, new ProgressView(recorded.io), 1)
    client.close()
    assert.equal(outcome.refusal?.message, 'broken')
    assert.equal(recorded.out(), 'Updating...\n')
  })

  it('tells where the names are when there is no such application', async (t) => {
    const { code, err } = await runAgainst(
      t,
      upgrading((peer) => peer.refuse(-32601, 'Updater x not available')),
      ['upgrade', 'x'],
    )
    assert.equal(code, 1)
    assert.match(err, /^moonkeeper: Updater x not available\n`moonkeeper status` lists/)
  })

  it('exits with 3 when the server goes away', async (t) => {
    const { code, out, err } = await runAgainst(
      t,
      upgrading((peer) => {
        peer.line('Updating...', 'demo')
        // The line must be on its way before the connection is cut.
        setTimeout(() => peer.hangUp(), 20)
      }),
      ['upgrade', 'demo'],
    )
    assert.deepEqual([code, out], [3, 'Updating...\n'])
    assert.match(err, /The connection to the Unix socket .* ended/)
  })

  it('exits with 130 when interrupted, and says that the operation goes on', async (t) => {
    const { url } = await serveWebSocket(
      t,
      upgrading((peer) => peer.line('Updating...', 'demo')),
    )
    const recorded = recordedIo('/nonexistent')
    const running = runCli(['upgrade', 'demo', '--url', url], recorded.io)
    await recorded.shows('Updating...')
    recorded.interrupt()
    assert.equal(await running, 130)
    assert.match(recorded.err(), /Interrupted\. The server goes on/)
  })
})

describe('progress', () => {
  const lines: readonly string[] = [
    'Updating Application demo...',
    'remote: Counting objects:  50% (1/2)',
    'Receiving objects:  42% (5/12)',
    'Receiving objects: 100% (12/12), 1.20 MiB | 3.00 MiB/s, done.',
    'Web Client demo: Downloading demo: 1 KiB / 2 KiB [50%]',
    'evil\x1b[1A\x1b[2Ksubject <\u200bb>\x07',
    '50% of the \rwork\nis done',
    'Downloading the last line [100%]',
  ]
  const handlers = upgrading((peer) => {
    for (const [index, line] of lines.entries()) peer.line(line, 'demo', index === lines.length - 1)
    peer.answer('ok')
  })
  const lasting = [
    'evilsubject <b>',
    '50% of the ',
    'work',
    'is done',
    'Downloading the last line [100%]',
  ].map((line) => line.trimEnd())

  it('is plain lines where there is no terminal', async (t) => {
    const { out } = await runAgainst(t, handlers, ['upgrade', 'demo'])
    assert.deepEqual(out.split('\n'), [...lines.slice(0, 5), ...lasting, ''])
  })

  it('overwrites passing lines in place on a terminal', async (t) => {
    const { out } = await runAgainst(t, handlers, ['upgrade', 'demo'], { terminal: true })
    assert.deepEqual(screenAfter(out), [lines[0], lines[3], ...lasting, ''])
    assert.match(out, /Receiving objects:  42% \(5\/12\)/)
  })

  it('writes for a usual width where the terminal does not know its own', async (t) => {
    const { out } = await runAgainst(t, handlers, ['upgrade', 'demo'], { terminal: true, columns: 0 })
    assert.match(out, /Receiving objects:  42% \(5\/12\)/)
  })

  it('keeps a passing line within the width of the terminal', async (t) => {
    const { out } = await runAgainst(t, handlers, ['upgrade', 'demo'], { terminal: true, columns: 20 })
    const passing = out.split(/\r\x1b\[2K/).filter((part) => !part.includes('\n'))
    assert.ok(passing.length > 3)
    for (const part of passing) assert.ok(part.length <= 19, part)
  })
})

describe('recover and rollback', () => {
  it('follow their own names', async (t) => {
    const handlers: Handlers = {
      'machine.update.recover': (peer, { name, hard, update_deps: all }) => {
        peer.line(
          `recovering ${hard === true ? 'hard' : 'soft'}${all === true ? ', all' : ''}`,
          `recover_${String(name)}`,
          true,
        )
        peer.answer('ok')
      },
      'machine.update.rollback': (peer, { name }) => {
        peer.line('Error Rolling Back', `rollback_${String(name)}`)
        peer.line('no place to go back to', `rollback_${String(name)}`, true)
        peer.refuse(400, 'no place to go back to')
      },
    }
    const soft = await runAgainst(t, handlers, ['recover', 'demo'])
    assert.deepEqual([soft.code, soft.out], [0, 'recovering soft\n'])
    const hard = await runAgainst(t, handlers, ['recover', '--hard', 'demo'])
    assert.deepEqual([hard.code, hard.out], [0, 'recovering hard\n'])
    const all = await runAgainst(t, handlers, ['recover', 'demo', '--update-deps'])
    assert.deepEqual([all.code, all.out], [0, 'recovering soft, all\n'])
    const back = await runAgainst(t, handlers, ['rollback', 'demo'])
    assert.deepEqual([back.code, back.out], [1, 'Error Rolling Back\nno place to go back to\n'])
  })
})

describe('what an operation is asked with', () => {
  const done: Handlers = Object.fromEntries(
    ['upgrade', 'rollback', 'recover'].map((verb) => [
      `machine.update.${verb}`,
      (peer: Peer): void => peer.answer('ok'),
    ]),
  )
  const cases: readonly (readonly [readonly string[], object])[] = [
    [['upgrade', 'a', 'b'], { names: ['a', 'b'] }],
    [['upgrade', 'a', 'b', '--atomic'], { names: ['a', 'b'], atomic: true }],
    [['upgrade', '--plan-hash', 'abc'], { plan_hash: 'abc' }],
    [
      ['upgrade', 'a', '--version', 'v1', '--plan-hash', 'abc'],
      { name: 'a', version: 'v1', plan_hash: 'abc' },
    ],
    [['rollback', 'a', '--version', 'v1', '--when', 'window'], { name: 'a', version: 'v1', when: 'window' }],
    [['rollback', 'a', '--prepare'], { name: 'a', until: 'prepared' }],
    [
      ['recover', 'a', '--hard', '--plan-hash', 'abc', '--background'],
      { name: 'a', hard: true, plan_hash: 'abc', background: true },
    ],
  ]
  for (const [args, params] of cases)
    it(args.join(' '), async (t) => {
      const { code, asked } = await runAgainst(t, done, args)
      assert.equal(code, 0)
      const [question] = asked.filter(({ method }) => method.startsWith('machine.update.'))
      assert.deepEqual(question?.params, params)
    })

  it('several follow the full update', async (t) => {
    const { out } = await runAgainst(
      t,
      upgrading((peer) => {
        peer.line('of one of them', 'a')
        peer.line('Full Update Complete', 'full', true)
        peer.answer('ok')
      }),
      ['upgrade', 'a', 'b'],
    )
    assert.equal(out, 'Full Update Complete\n')
  })
})

describe('an operation that ends later', () => {
  const answering = (job: object, ...lines: readonly string[]): Handlers =>
    upgrading((peer) => {
      for (const line of lines) peer.line(line, 'demo')
      peer.answer(job)
    })
  const follow = 'Follow it with `moonkeeper log -f 0d9b1c1e`, end it with `moonkeeper jobs cancel 0d9b1c1e`.'

  it('is shown while it is prepared, and then how to apply it', async (t) => {
    const handlers = answering(aJob({ state: 'prepared', until: 'prepared' }), 'Updating...')
    const { code, out } = await runAgainst(t, handlers, ['upgrade', 'demo', '--prepare'])
    assert.equal(code, 0)
    assert.equal(
      out,
      `Updating...\nJob ${jobId}: prepared\n` +
        'Apply it with `moonkeeper jobs start 0d9b1c1e`, drop it with `moonkeeper jobs cancel 0d9b1c1e`.\n',
    )
    const nothing = answering(aJob({ state: 'done' }))
    const idle = await runAgainst(t, nothing, ['upgrade', 'demo', '--prepare'])
    assert.equal(idle.out, 'demo is up to date.\n')
    // No last line is waited for.
    assert.equal(idle.asked.at(-1)?.method, 'machine.update.upgrade')
  })

  it('tells its id, what it waits for, and how to follow it, and no line of others', async (t) => {
    const queued = answering(aJob({ state: 'queued' }), 'of another')
    const background = await runAgainst(t, queued, ['upgrade', 'demo', '--background'])
    assert.deepEqual([background.code, background.out], [0, `Job ${jobId}: queued\n${follow}\n`])
    const waits = answering(aJob({ state: 'queued', stage: 'waits for the end of the print' }))
    const later = await runAgainst(t, waits, ['upgrade', 'demo', '--when', 'idle'])
    assert.equal(later.out, `Job ${jobId}: queued, waits for the end of the print\n${follow}\n`)
  })

  it('is refused with the code, and what to do next', async (t) => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['plan_changed', /^moonkeeper: No\. \[plan_changed\]\n`moonkeeper plan` shows what would be done now/],
      ['needs_plan_hash', /^moonkeeper: No\. \[needs_plan_hash\]\n`moonkeeper plan` shows it/],
      ['printing', /^moonkeeper: No\. \[printing\]\nWith --when idle/],
      ['no_space', /^moonkeeper: No\. \[no_space\]\n$/],
      ['toString', /^moonkeeper: No\. \[toString\]\n$/],
    ]
    for (const [reason, expected] of cases)
      for (const more of [[], ['--background']]) {
        const handlers = upgrading((peer) => peer.refuse(409, 'No.', reason))
        const { code, err } = await runAgainst(t, handlers, ['upgrade', 'demo', ...more])
        assert.equal(code, 1)
        assert.match(err, expected)
      }
  })
})
