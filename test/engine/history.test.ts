import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { hashOf } from '../../src/engine/history-chain.js'
import { History } from '../../src/engine/history.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { failingFiles } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { historyEntry } from '../support/history.js'
import { fakeLog } from '../support/rpc.js'

interface Scene {
  readonly file: string
  readonly tailFile: string
  readonly tornFile: string
  readonly log: ReturnType<typeof fakeLog>
  /** As another start of the daemon has it. */
  readonly start: (files?: Files) => Promise<History>
  readonly text: () => string
  readonly tail: () => unknown
}

const makeScene = async (t: Pick<TestContext, 'after'>): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const [file, tailFile, tornFile] = ['history.jsonl', 'history.tail.json', 'history.jsonl.torn'].map(
    (name) => path.join(folder, name),
  ) as [string, string, string]
  const log = fakeLog()
  return {
    file,
    tailFile,
    tornFile,
    log,
    start: async (files = systemFiles) => {
      const history = new History(folder, files, log)
      await history.open()
      return history
    },
    text: () => readFileSync(file, 'utf8'),
    tail: () => JSON.parse(readFileSync(tailFile, 'utf8')) as unknown,
  }
}

/** Texts that are hard to write and to cut. */
const oddTexts = ['plain', 'line\nfeed', 'ünï 漢 🌙', '"\\"', '\u0000\u2028', '\ud800', '', '{"n":1}']

/** A scene with a history of so many entries, and its bytes. */
const withEntries = async (
  t: Pick<TestContext, 'after'>,
  count: number,
): Promise<Scene & { readonly history: History; readonly whole: Buffer; readonly wholeTail: Buffer }> => {
  const scene = await makeScene(t)
  const history = await scene.start()
  for (let number = 1; number <= count; number += 1) {
    const message = oddTexts[number % oddTexts.length] ?? ''
    await history.append(historyEntry(number, { message, outcome: 'failed', code: 'command_failed' }))
  }
  const [whole, wholeTail] = [
    existsSync(scene.file) ? readFileSync(scene.file) : Buffer.alloc(0),
    readFileSync(scene.tailFile),
  ]
  return { ...scene, history, whole, wholeTail }
}

const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start) + 1 || bytes.length
    lines.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}

describe('a history', () => {
  test('is empty at first, and that is right', async (t) => {
    const scene = await makeScene(t)
    const history = await scene.start()
    assert.deepEqual(await history.verify(), { ok: true, entries: 0, problem: null })
    assert.deepEqual(await history.list({ name: null, limit: 20, offset: 0 }), { entries: [], total: 0 })
    assert.deepEqual(scene.tail(), { count: 0, hash: '0'.repeat(64) })
    assert.deepEqual(scene.log.lines, [])
  })

  test('is a chain: each line has the hash of the one before, the second file that of the last', async (t) => {
    const scene = await withEntries(t, 3)
    const lines = linesOf(scene.whole).map((line) => line.subarray(0, -1))
    const parsed = lines.map((line) => JSON.parse(line.toString('utf8')) as { n: number; previous: string })
    assert.deepEqual(
      parsed.map(({ n, previous }) => [n, previous]),
      [
        [1, '0'.repeat(64)],
        [2, hashOf(lines[0] as Buffer)],
        [3, hashOf(lines[1] as Buffer)],
      ],
    )
    assert.deepEqual(scene.tail(), { count: 3, hash: hashOf(lines[2] as Buffer) })
  })

  test('goes on after a restart', async (t) => {
    const scene = await withEntries(t, 3)
    const again = await scene.start()
    await again.append(historyEntry(4))
    assert.deepEqual(await again.verify(), { ok: true, entries: 4, problem: null })
    assert.deepEqual(scene.log.lines, [])
  })

  test('takes entries one after another, however they come', async (t) => {
    const scene = await makeScene(t)
    const history = await scene.start()
    await Promise.all(Array.from({ length: 20 }, (_, index) => history.append(historyEntry(index))))
    assert.deepEqual(await history.verify(), { ok: true, entries: 20, problem: null })
    const { entries } = await history.list({ name: null, limit: 20, offset: 0 })
    assert.deepEqual(
      entries.map(({ job }) => job),
      Array.from({ length: 20 }, (_, index) => `job-${19 - index}`),
    )
  })

  test('shortens what is too long', async (t) => {
    const scene = await makeScene(t)
    const history = await scene.start()
    await history.append(historyEntry(1, { message: 'm'.repeat(1e6), asked_by: 'a'.repeat(1e6) }))
    const [entry] = (await history.list({ name: null, limit: 1, offset: 0 })).entries
    assert.deepEqual([entry?.message?.length, entry?.asked_by.length], [4000, 500])
    assert.match(entry?.message ?? '', /m…$/)
    assert.equal((await history.verify()).ok, true)
  })
})

describe('list', () => {
  test('pages through, newest first, of all or of one', async (t) => {
    const scene = await makeScene(t)
    const history = await scene.start()
    for (let number = 1; number <= 7; number += 1) {
      const application = number % 3 === 0 ? 'other "app"' : 'demo-app'
      await history.append(historyEntry(number, { application, message: '"other \\"app\\"" is named here' }))
    }
    const numbers = async (name: string | null, limit: number, offset: number): Promise<unknown> => {
      const { entries, total } = await history.list({ name, limit, offset })
      return [entries.map(({ n }) => n), total]
    }
    assert.deepEqual(await numbers(null, 3, 0), [[7, 6, 5], 7])
    assert.deepEqual(await numbers(null, 3, 5), [[2, 1], 7])
    assert.deepEqual(await numbers(null, 100, 0), [[7, 6, 5, 4, 3, 2, 1], 7])
    assert.deepEqual(await numbers(null, 3, 7), [[], 7])
    assert.deepEqual(await numbers(null, 3, 1e15), [[], 7])
    assert.deepEqual(await numbers('other "app"', 1, 1), [[3], 2])
    assert.deepEqual(await numbers('demo-app', 2, 1), [[5, 4], 5])
    assert.deepEqual(await numbers('nobody', 2, 0), [[], 0])
  })

  test('leaves out what is no entry', async (t) => {
    const scene = await withEntries(t, 2)
    writeFileSync(
      scene.file,
      Buffer.concat([Buffer.from('oops\n{"n":1}\n'), scene.whole, Buffer.from('{"n":')]),
    )
    const { entries, total } = await scene.history.list({ name: null, limit: 20, offset: 0 })
    assert.deepEqual([entries.map(({ n }) => n), total], [[2, 1], 2])
  })

  test('an entry may have more than this version knows', async (t) => {
    const scene = await withEntries(t, 1)
    const more = scene.text().replace('{', '{"since":"later",')
    writeFileSync(scene.file, more)
    const { entries } = await scene.history.list({ name: null, limit: 20, offset: 0 })
    assert.equal(entries[0]?.['since'], 'later')
  })
})

/** What somebody may do to the bytes of a history of these lines. */
const tamperings = (whole: Buffer): fc.Arbitrary<{ readonly what: string; readonly bytes: Buffer }> => {
  const lines = linesOf(whole)
  const last = lines.length - 1
  const at = fc.nat({ max: whole.length - 1 })
  const byte = fc.nat({ max: 255 })
  const splice = (what: string, start: number, gone: number, ...added: number[]) => ({
    what: `${what} at ${start}`,
    bytes: Buffer.concat([whole.subarray(0, start), Buffer.from(added), whole.subarray(start + gone)]),
  })
  const swapped = (one: number, other: number): Buffer[] =>
    lines.map((line, index) => (index === one ? lines[other] : index === other ? lines[one] : line) as Buffer)
  return fc.oneof(
    fc
      .tuple(at, fc.integer({ min: 1, max: 255 }))
      .map(([start, change]) =>
        splice(`change by ${change}`, start, 1, ((whole[start] ?? 0) + change) % 256),
      ),
    at.map((start) => splice('removed byte', start, 1)),
    fc.tuple(at, byte).map(([start, value]) => splice(`added ${value}`, start, 0, value)),
    fc.nat({ max: last }).map((line) => ({
      what: `removed line ${line + 1}`,
      bytes: Buffer.concat(lines.filter((_, index) => index !== line)),
    })),
    fc.tuple(fc.nat({ max: last }), fc.integer({ min: 1, max: last })).map(([line, distance]) => ({
      what: `swapped line ${line + 1} with the one ${distance} on`,
      bytes: Buffer.concat(swapped(line, (line + distance) % lines.length)),
    })),
    fc.nat({ max: last }).map((line) => ({
      what: `line ${line + 1} again at the end`,
      bytes: Buffer.concat([whole, lines[line] as Buffer]),
    })),
    at.map((size) => ({ what: `cut to ${size}`, bytes: whole.subarray(0, size) })),
    byte.map((value) => splice('added at the end', whole.length, 0, value)),
  )
}

describe('verify', () => {
  test('finds every edit, removal, swap, addition and cut', async (t) => {
    const { file, history, whole } = await withEntries(t, 8)
    await fc.assert(
      fc.asyncProperty(tamperings(whole), async ({ what, bytes }) => {
        writeFileSync(file, bytes)
        const { ok, problem } = await history.verify()
        assert.equal(ok, false, what)
        assert.ok((problem?.text ?? '').length > 20)
      }),
      { numRuns: 600 },
    )
    writeFileSync(file, whole)
    assert.deepEqual(await history.verify(), { ok: true, entries: 8, problem: null })
  })

  test('still finds it when the daemon was started and wrote more', async (t) => {
    const { file, tailFile, start, whole, wholeTail, tornFile } = await withEntries(t, 5)
    await fc.assert(
      fc.asyncProperty(tamperings(whole), async ({ what, bytes }) => {
        writeFileSync(file, bytes)
        writeFileSync(tailFile, wholeTail)
        rmSync(tornFile, { force: true })
        const history = await start()
        // A line feed that was taken away is back, something behind the last line was put aside: all is as it was.
        const mended = readFileSync(file).equals(whole)
        if (mended) assert.equal((await history.verify()).ok, true, what)
        for (const number of [6, 7]) await history.append(historyEntry(number))
        await (await start()).append(historyEntry(8))
        assert.equal((await history.verify()).ok, mended, what)
        const put = existsSync(tornFile) ? readFileSync(tornFile) : Buffer.alloc(0)
        const kept = Buffer.concat([readFileSync(file), put])
        for (const line of linesOf(bytes)) assert.ok(kept.includes(line), `${what}: something was lost`)
      }),
      { numRuns: 60 },
    )
  })

  test('says what it found', async (t) => {
    const { file, tailFile, history, whole, wholeTail } = await withEntries(t, 4)
    const lines = linesOf(whole) as [Buffer, Buffer, Buffer, Buffer]
    const [one, two, three, four] = lines
    const oldTail = JSON.stringify({ count: 1, hash: hashOf(one.subarray(0, -1)) })
    const noHash = '0'.repeat(64)
    const edited = (line: Buffer): Buffer => Buffer.from(line.toString('utf8').replace('demo', 'dema'))
    const cases: readonly [
      string,
      readonly Buffer[] | null,
      string | Buffer | null,
      number | null,
      RegExp,
    ][] = [
      ['an edited line', [one, edited(two), three, four], wholeTail, 2, /Line 2 was changed after it was/],
      ['the last line edited', [one, two, three, edited(four)], wholeTail, 4, /second file remembers/],
      ['a missing line', [one, three, four], wholeTail, 2, /Line 2 is number 3 .* removed/],
      ['swapped lines', [one, three, two, four], wholeTail, 2, /Line 2 is number 3 .* swapped/],
      ['a line twice', [one, two, two, three, four], wholeTail, 3, /Line 3 is number 2 .* added or swapped/],
      ['a line that is none', [one, Buffer.from('x\n'), three, four], wholeTail, 2, /Line 2 is no entry/],
      ['a cut line', [one, two, three, four.subarray(0, 9)], wholeTail, 4, /Line 4 is cut off/],
      ['cut lines', [one, two], wholeTail, null, /there were 4, now there are 2/],
      ['half a line more', [...lines, four.subarray(0, 9)], wholeTail, 5, /Line 5 is not whole/],
      ['nothing left', [], wholeTail, null, /there were 4, now there are 0/],
      ['no file', null, wholeTail, null, /history\.jsonl is missing. It had 4 lines/],
      ['no second file', lines, null, null, /history\.tail\.json is missing/],
      ['an unreadable second file', lines, 'oops', null, /history\.tail\.json cannot be understood/],
      ['a second file of nonsense', lines, '{"count":"4"}', null, /cannot be understood/],
      ['an unreadable second file alone', null, 'oops', null, /cannot be understood/],
      ['an old second file', lines, oldTail, null, /remembers 1 lines, but there are 4/],
      ['a lost second file', lines, JSON.stringify({ count: 4, hash: noHash }), 4, /lost after line 4/],
    ]
    for (const [what, left, tail, line, text] of cases) {
      if (left === null) rmSync(file)
      else writeFileSync(file, Buffer.concat([...left]))
      if (tail === null) rmSync(tailFile)
      else writeFileSync(tailFile, tail)
      const { ok, problem } = await history.verify()
      assert.deepEqual([ok, problem?.line], [false, line], what)
      assert.match(problem?.text ?? '', text, what)
    }
    rmSync(file, { force: true })
    rmSync(tailFile)
    assert.deepEqual(await history.verify(), { ok: true, entries: 0, problem: null })
  })

  test('is not misled by what is written while it reads', async (t) => {
    const { file, start, history } = await withEntries(t, 3)
    let appended = 0
    const writer = await start()
    const reading = await start({
      ...systemFiles,
      lines: async function* (name) {
        // Behind the back of the first try: the second file that it knows is old now.
        if (name === file && appended === 0)
          for (; appended < 3; appended += 1) await writer.append(historyEntry(4 + appended))
        yield* systemFiles.lines(name)
      },
    })
    assert.deepEqual(await reading.verify(), { ok: true, entries: 6, problem: null })
    assert.equal((await history.verify()).ok, true)
  })
})

describe('after a power cut', () => {
  for (const before of [0, 2])
    test(`at any byte of an append after ${before} entries`, async (t) => {
      const scene = await withEntries(t, before)
      await scene.history.append(historyEntry(before + 1, { message: 'ünï 🌙' }))
      const after = readFileSync(scene.file)
      for (let size = scene.whole.length; size <= after.length; size += 1) {
        const what = `cut at ${size}`
        if (size === 0) rmSync(scene.file)
        else writeFileSync(scene.file, after.subarray(0, size))
        writeFileSync(scene.tailFile, scene.wholeTail)
        rmSync(scene.tornFile, { force: true })
        scene.log.lines.length = 0
        const history = await scene.start()
        // Nothing but the line feed may be missing from a line that counts.
        const entries = size < after.length - 1 ? before : before + 1
        assert.deepEqual(await history.verify(), { ok: true, entries, problem: null }, what)
        const torn = size > scene.whole.length && entries === before
        assert.equal(existsSync(scene.tornFile), torn, what)
        if (torn) {
          const half = Buffer.concat([after.subarray(scene.whole.length, size), Buffer.from('\n')])
          assert.deepEqual(readFileSync(scene.tornFile), half)
        }
        assert.deepEqual(
          scene.log.lines.map(({ message }) => message),
          torn ? ['an unfinished entry of the history was put aside'] : [],
        )
        await history.append(historyEntry(9))
        assert.deepEqual(await history.verify(), { ok: true, entries: entries + 1, problem: null }, what)
      }
    })

  test('a line that reached the disk in the wrong order is put aside', async (t) => {
    const scene = await withEntries(t, 2)
    writeFileSync(scene.file, Buffer.concat([scene.whole, Buffer.alloc(512), Buffer.from('"}\n')]))
    const history = await scene.start()
    assert.deepEqual(await history.verify(), { ok: true, entries: 2, problem: null })
    assert.equal(readFileSync(scene.tornFile).length, 512 + 3)
  })

  test('halves of several cuts are all kept', async (t) => {
    const scene = await withEntries(t, 1)
    for (const half of ['{"n":2', '{"n"']) {
      writeFileSync(scene.file, Buffer.concat([scene.whole, Buffer.from(half)]))
      await scene.start()
    }
    assert.equal(readFileSync(scene.tornFile, 'utf8'), '{"n":2\n{"n"\n')
  })
})

describe('a lost second file', () => {
  for (const [what, lose] of [
    ['is missing', (file: string) => rmSync(file)],
    ['is nonsense', (file: string) => writeFileSync(file, 'oops')],
  ] as const)
    test(`${what}: the history goes on, and says so for good`, async (t) => {
      const scene = await withEntries(t, 3)
      lose(scene.tailFile)
      const history = await scene.start()
      assert.deepEqual(
        scene.log.lines.map(({ level, message }) => [level, message]),
        [['error', 'the second file of the history is lost']],
      )
      assert.equal((await history.verify()).problem?.line, 3)
      await (await scene.start()).append(historyEntry(4))
      await (await scene.start()).append(historyEntry(5))
      const { entries, problem } = await history.verify()
      assert.deepEqual([entries, problem?.line], [5, 4])
      assert.match(problem?.text ?? '', /second file was lost before line 4/)
      assert.equal((await history.list({ name: null, limit: 20, offset: 0 })).total, 5)
    })
})

describe('a disk that takes nothing', () => {
  for (const code of ['ENOSPC', 'EROFS'] as const)
    test(`${code}: append throws, and the next one is right again`, async (t) => {
      const scene = await withEntries(t, 1)
      const disk = failingFiles()
      const history = await scene.start(disk.files)
      disk.refuse(code)
      await assert.rejects(history.append(historyEntry(2)), { code })
      await assert.rejects(history.append(historyEntry(3)), { code })
      disk.refuse(null)
      await history.append(historyEntry(4))
      assert.deepEqual(await history.verify(), { ok: true, entries: 2, problem: null })
    })

  test('a start does not fail, and the history is opened later', async (t) => {
    const scene = await makeScene(t)
    const disk = failingFiles()
    disk.refuse('EROFS')
    const history = await scene.start(disk.files)
    assert.deepEqual(
      scene.log.lines.map(({ message }) => message),
      ['the history could not be opened'],
    )
    disk.refuse(null)
    await history.append(historyEntry(1))
    assert.deepEqual(await history.verify(), { ok: true, entries: 1, problem: null })
  })

  test('a line whose second file could not be written is taken over', async (t) => {
    const scene = await withEntries(t, 1)
    let full = false
    const history = await scene.start({
      ...systemFiles,
      writeText: async (...args) => {
        if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        await systemFiles.writeText(...args)
      },
    })
    full = true
    await assert.rejects(history.append(historyEntry(2)), { code: 'ENOSPC' })
    await assert.rejects(history.append(historyEntry(3)), { code: 'ENOSPC' })
    full = false
    await history.append(historyEntry(4))
    const { entries } = await history.list({ name: null, limit: 20, offset: 0 })
    assert.deepEqual(
      entries.map(({ job }) => job),
      ['job-4', 'job-2', 'job-1'],
    )
    assert.deepEqual(await history.verify(), { ok: true, entries: 3, problem: null })
  })
})

test('a long history is read in its end only to go on, and listed page by page', async (t) => {
  const scene = await withEntries(t, 1)
  const lines: string[] = [scene.text().trimEnd()]
  for (let n = 2; n <= 5000; n += 1) {
    const previous = hashOf(Buffer.from(lines.at(-1) ?? ''))
    lines.push(JSON.stringify({ n, previous, ...historyEntry(n) }))
  }
  writeFileSync(scene.file, `${lines.join('\n')}\n`)
  writeFileSync(
    scene.tailFile,
    JSON.stringify({ count: 5000, hash: hashOf(Buffer.from(lines.at(-1) ?? '')) }),
  )
  let read = 0
  const history = await scene.start({
    ...systemFiles,
    readRange: async (file, start, length) => {
      read += length
      return systemFiles.readRange(file, start, length)
    },
    lines: () => assert.fail('the whole file was read'),
  })
  await history.append(historyEntry(5001))
  assert.ok(read < scene.text().length / 4, `${read} bytes were read`)
  const again = await scene.start()
  assert.deepEqual(await again.verify(), { ok: true, entries: 5001, problem: null })
  const { entries, total } = await again.list({ name: 'demo-app', limit: 2, offset: 4000 })
  assert.deepEqual([entries.map(({ n }) => n), total], [[1001, 1000], 5001])
})
