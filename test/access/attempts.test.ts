import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from '../../src/access/attempts.js'
import { MoonkeeperError } from '../../src/contract/error.js'

const wrong = async (): Promise<never> => {
  throw new MoonkeeperError('refused', 'Invalid Password')
}
const busy = async (): Promise<never> => {
  throw new MoonkeeperError('busy', 'later')
}
const right = async (): Promise<string> => 'in'

const kinds = async (attempts: Attempts, address: string | null, tries: number, limit: number | null) => {
  const seen: string[] = []
  for (let count = 0; count < tries; count += 1)
    await attempts.count(address, limit, wrong).catch((thrown: MoonkeeperError) => seen.push(thrown.kind))
  return seen
}

test('an address is shut out after so many, others are not', async () => {
  const attempts = new Attempts()
  assert.deepEqual(await kinds(attempts, '10.0.0.1', 4, 3), ['refused', 'refused', 'refused', 'unauthorized'])
  await assert.rejects(attempts.count('10.0.0.1', 3, right), {
    kind: 'unauthorized',
    message: 'Unauthorized, Maximum Login Attempts Reached',
  })
  assert.equal(await attempts.count('10.0.0.2', 3, right), 'in')
})

test('a login that works begins anew', async () => {
  const attempts = new Attempts()
  for (let round = 0; round < 3; round += 1) {
    await kinds(attempts, '10.0.0.1', 2, 3)
    assert.equal(await attempts.count('10.0.0.1', 3, right), 'in')
  }
})

test('without a limit, and on the Unix socket, nobody is shut out', async () => {
  assert.deepEqual(new Set(await kinds(new Attempts(), '10.0.0.1', 50, null)), new Set(['refused']))
  assert.deepEqual(new Set(await kinds(new Attempts(), null, 50, 1)), new Set(['refused']))
})

/** Logins that end when the test says so. */
const slowLogins = (): {
  readonly attempt: () => Promise<never>
  readonly tried: () => number
  end(): void
} => {
  const ends: (() => void)[] = []
  return {
    attempt: async () => {
      await new Promise<void>((resolve) => ends.push(resolve))
      return wrong()
    },
    tried: () => ends.length,
    end: () => ends.splice(0).forEach((end) => end()),
  }
}

test('many at once are counted too', async () => {
  const attempts = new Attempts()
  const slow = slowLogins()
  const all = Promise.allSettled([1, 2].map(() => attempts.count('10.0.0.1', 2, slow.attempt)))
  await assert.rejects(attempts.count('10.0.0.1', 2, slow.attempt), { kind: 'unauthorized' })
  assert.equal(slow.tried(), 2)
  slow.end()
  await all
})

test('an address has two tries at once, whatever the limit: others have a turn', async () => {
  const attempts = new Attempts()
  const slow = slowLogins()
  const all = Promise.allSettled([1, 2].map(() => attempts.count('10.0.0.1', null, slow.attempt)))
  await assert.rejects(attempts.count('10.0.0.1', null, right), { kind: 'busy' })
  assert.equal(await attempts.count('10.0.0.2', null, right), 'in')
  slow.end()
  await all
  assert.equal(await attempts.count('10.0.0.1', null, right), 'in')
  const { trying } = attempts as unknown as { trying: ReadonlyMap<string, number> }
  assert.equal(trying.size, 0)
})

test('what was not tried does not count', async () => {
  const attempts = new Attempts()
  for (let count = 0; count < 10; count += 1)
    await assert.rejects(attempts.count('10.0.0.1', 3, busy), { kind: 'busy' })
  assert.equal(await attempts.count('10.0.0.1', 3, right), 'in')
})

test('an IPv6 subscriber has one count for all their addresses', async () => {
  const attempts = new Attempts()
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'])
    await kinds(attempts, address, 1, 3)
  await assert.rejects(attempts.count('2001:db8:1:2:ffff::9', 3, right), { kind: 'unauthorized' })
  assert.equal(await attempts.count('2001:db8:1:3::1', 3, right), 'in')
  await kinds(attempts, '::1', 3, 3)
  assert.equal(await attempts.count('2001:db8::1', 3, right), 'in')
})

test('memory is bounded: who failed last is remembered', async () => {
  const attempts = new Attempts()
  for (let index = 0; index < 5000; index += 1)
    await kinds(attempts, `10.${index >> 8}.${index & 255}.1`, 1, 1)
  const { failed } = attempts as unknown as { failed: ReadonlyMap<string, number> }
  assert.equal(failed.size, 1024)
  await assert.rejects(attempts.count('10.19.135.1', 1, right), { kind: 'unauthorized' })
})
