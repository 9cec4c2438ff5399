import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { systemFiles, type Files } from '../../src/system/files.js'
import { makeDatabase } from '../support/database.js'

const noSpace = (): Error => Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/items.jsonl' })

test('the next start finds what was written, and what was removed is gone', async (t) => {
  const bench = await makeDatabase(t)
  await bench.items.post('ns', 'a', { x: [1, null, 'ü\n'] })
  await bench.items.post('ns', 'b', 1)
  await bench.items.post('ns', 'a.y', 2)
  await bench.items.remove('ns', 'b')
  const again = await bench.reopened()
  assert.deepEqual(again.items.get('ns', null), { a: { x: [1, null, 'ü\n'], y: 2 } })
  assert.deepEqual(again.warnings, [])
})

test('every change is on the disk when it is answered', async (t) => {
  const bench = await makeDatabase(t)
  for (let n = 0; n < 5; n += 1) {
    await bench.items.post('ns', `k${n}`, n)
    assert.ok(readFileSync(bench.file, 'utf8').endsWith(`[["ns","k${n}",${n}]]\n`))
  }
})

test('changes that come together share a write, and each sees the earlier ones', async (t) => {
  let appended = 0
  const bench = await makeDatabase(t, {
    ...systemFiles,
    append: (file, content) => {
      appended += 1
      return systemFiles.append(file, content)
    },
  })
  const increment = (): Promise<void> =>
    bench.store.change((transaction) => {
      const value = transaction.read('ns', 'n') ?? 0
      transaction.write('ns', 'n', Number(value) + 1)
    })
  await Promise.all(Array.from({ length: 500 }, increment))
  assert.equal(bench.items.get('ns', 'n'), 500)
  assert.ok(appended <= 2, `${appended} writes`)
  assert.equal((await bench.reopened()).items.get('ns', 'n'), 500)
})

test('a change that is refused in a batch changes nothing, and the others hold', async (t) => {
  const bench = await makeDatabase(t)
  const refused = bench.store.change((transaction) => {
    transaction.write('ns', 'half', 1)
    throw new Error('no')
  })
  const [first, second, third] = await Promise.allSettled([
    bench.items.post('ns', 'a', 1),
    refused,
    bench.items.post('ns', 'b', 2),
  ])
  assert.deepEqual([first.status, second.status, third.status], ['fulfilled', 'rejected', 'fulfilled'])
  assert.deepEqual((await bench.reopened()).items.get('ns', null), { a: 1, b: 2 })
})

test('a change that does not fit on the disk is not made, and the next one is whole', async (t) => {
  let full = false
  const files: Files = {
    ...systemFiles,
    append: async (file, content) => {
      if (!full) return systemFiles.append(file, content)
      // As much as fits, and no way to take it back.
      appendFileSync(file, content.slice(0, 7))
      throw noSpace()
    },
    writeBytes: async (file, bytes) => {
      if (full) throw noSpace()
      await systemFiles.writeBytes(file, bytes)
    },
  }
  const bench = await makeDatabase(t, files)
  await bench.items.post('ns', 'a', 1)
  full = true
  await assert.rejects(bench.items.post('ns', 'b', 2), { kind: 'no_space', message: /The disk is full/ })
  await assert.rejects(bench.items.post('ns', 'b', 3), { kind: 'no_space' })
  assert.deepEqual(bench.items.get('ns', null), { a: 1 })
  full = false
  await bench.items.post('ns', 'c', 4)
  const again = await bench.reopened()
  assert.deepEqual(again.items.get('ns', null), { a: 1, c: 4 })
  assert.deepEqual([again.warnings, readdirSync(path.join(bench.folder, 'store'))], [[], ['items.jsonl']])
})

test('a power cut at any byte of a change leaves the old or the new', async (t) => {
  const bench = await makeDatabase(t)
  await bench.items.post('ns', 'a', 'old')
  const before = statSync(bench.file).size
  await bench.store.change((transaction) => {
    transaction.write('ns', 'a', 'new')
    transaction.write('ns', 'b', 'new')
  })
  const whole = readFileSync(bench.file)
  for (let size = before; size <= whole.length; size += 1) {
    writeFileSync(bench.file, whole.subarray(0, size))
    const { items, warnings } = await bench.reopened()
    const wanted = size === whole.length ? { a: 'new', b: 'new' } : { a: 'old' }
    assert.deepEqual([items.get('ns', null), warnings], [wanted, []])
    await items.post('ns', 'after', size)
    const { items: again, warnings: more } = await bench.reopened()
    assert.deepEqual([again.get('ns', null), more], [{ ...wanted, after: size }, []])
  }
})

test('of a damaged file the rest is used, and all of it is kept', async (t) => {
  const bench = await makeDatabase(t)
  for (const key of ['a', 'b', 'c']) await bench.items.post('ns', key, key)
  const damaged = readFileSync(bench.file, 'utf8').replace('"b","b"', '"b","\u0000\u0000')
  writeFileSync(bench.file, damaged)
  const { items, warnings } = await bench.reopened()
  assert.deepEqual(items.get('ns', null), { a: 'a', c: 'c' })
  const kept = readdirSync(path.dirname(bench.file)).find((name) => name.includes('.damaged-')) ?? ''
  assert.equal(readFileSync(path.join(path.dirname(bench.file), kept), 'utf8'), damaged)
  assert.equal(warnings.length, 1)
  assert.ok(warnings[0]?.includes(kept), warnings[0])
  const again = await bench.reopened()
  assert.deepEqual([again.items.get('ns', null), again.warnings], [{ a: 'a', c: 'c' }, []])
})

test('a file that is none of ours is not written over', async (t) => {
  const bench = await makeDatabase(t)
  writeFileSync(bench.file, 'dear diary\n')
  const { items, warnings } = await bench.reopened()
  await items.post('ns', 'a', 1)
  const texts = readdirSync(path.dirname(bench.file)).map((name) =>
    readFileSync(path.join(path.dirname(bench.file), name), 'utf8'),
  )
  assert.ok(texts.includes('dear diary\n'))
  assert.equal(warnings.length, 1)
})

test('a database that cannot be read stops nobody else, and every request says why', async (t) => {
  const broken = Object.assign(new Error('read'), { code: 'EACCES', path: '/data/items.jsonl' })
  const bench = await makeDatabase(t, {
    ...systemFiles,
    lines: () => {
      throw broken
    },
  })
  assert.deepEqual(bench.warnings.length, 1)
  const refusal = { message: /Permission denied \(EACCES\): \/data\/items\.jsonl/ }
  assert.throws(() => bench.items.get('moonraker', null), refusal)
  await assert.rejects(bench.items.post('ns', 'a', 1), refusal)
  await assert.rejects(bench.backups.make('a.db'), refusal)
})

test('writing the same item again and again does not grow the file', async (t) => {
  const bench = await makeDatabase(t)
  const value = 'x'.repeat(10_000)
  for (let n = 0; n < 200; n += 1) await bench.items.post('ns', 'a', `${n}${value}`)
  assert.ok(statSync(bench.file).size < 400_000, `${statSync(bench.file).size} bytes`)
  assert.equal((await bench.reopened()).items.get('ns', 'a'), `199${value}`)
})

test('what is the same already is not written', async (t) => {
  const bench = await makeDatabase(t)
  await bench.items.post('ns', 'a', { b: 1 })
  const { size } = statSync(bench.file)
  await bench.items.post('ns', 'a.b', 1)
  assert.equal(statSync(bench.file).size, size)
})

test('compacting tells the sizes', async (t) => {
  const bench = await makeDatabase(t)
  for (let n = 0; n < 10; n += 1) await bench.items.post('ns', 'a', n)
  const previous = statSync(bench.file).size
  assert.deepEqual(await bench.store.compact(), {
    previous,
    now: readFileSync(bench.file, 'utf8').split('\n').slice(0, 2).join('\n').length + 1,
  })
  assert.equal((await bench.reopened()).items.get('ns', 'a'), 9)
})

test('there is an end to it: what is too much is refused, what is there can go', async (t) => {
  const bench = await makeDatabase(t)
  const piece = 'x'.repeat(9 * 1024 * 1024)
  for (let n = 0; n < 7; n += 1) await bench.items.post('ns', `k${n}`, piece)
  await assert.rejects(bench.items.post('ns', 'k7', piece), { kind: 'too_large' })
  await bench.items.remove('ns', 'k0')
  await bench.items.post('ns', 'k7', piece)
  const again = await bench.reopened()
  assert.equal(Object.keys(again.items.get('ns', null) as object).length, 7)
})

test('a line that was cut off in a large value is cut off', async (t) => {
  const bench = await makeDatabase(t)
  await bench.items.post('ns', 'a', 1)
  const before = statSync(bench.file).size
  await bench.items.post('ns', 'b', 'y'.repeat(3 * 1024 * 1024))
  truncateSync(bench.file, before + 2 * 1024 * 1024)
  const { items } = await bench.reopened()
  assert.deepEqual(items.get('ns', null), { a: 1 })
  assert.equal(statSync(bench.file).size, before)
})
