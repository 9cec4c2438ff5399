import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { readSource, withoutComment, type Source } from '../../src/config/source.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import { writeFiles } from '../support/config.js'
import { temporaryFolder } from '../support/folder.js'

type Sections = Record<string, Record<string, string>>

const sectionsOf = (source: Source): Sections =>
  Object.fromEntries(
    source.sections.map(({ name, options }) => [
      name,
      Object.fromEntries([...options].map(([option, { value }]) => [option, value])),
    ]),
  )

const read = async (t: TestContext, main: string, files: Record<string, string> = {}): Promise<Source> => {
  const folder = await temporaryFolder(t)
  await writeFiles(folder, { 'main.conf': main, ...files })
  return readSource(path.join(folder, 'main.conf'))
}

/** The message, with the folder taken out. */
const refusalOf = async (
  t: TestContext,
  main: string,
  files: Record<string, string> = {},
): Promise<string> => {
  const folder = await temporaryFolder(t)
  await writeFiles(folder, { 'main.conf': main, ...files })
  let message = ''
  await assert.rejects(readSource(path.join(folder, 'main.conf')), (thrown: unknown) => {
    assert.ok(thrown instanceof MoonkeeperError)
    assert.equal(thrown.kind, 'refused')
    message = thrown.message.replaceAll(`${folder}/`, '')
    return true
  })
  return message
}

describe('the dialect', () => {
  const cases: readonly [string, string, Sections][] = [
    ['both delimiters', '[a]\nx: 1\ny = 2\nz=3:4', { a: { x: '1', y: '2', z: '3:4' } }],
    ['names of options are lower case, of sections not', '[A b]\nKeY: V', { 'A b': { key: 'V' } }],
    ['an empty value', '[a]\nx:\ny:   ', { a: { x: '', y: '' } }],
    ['a value over several lines', '[a]\nx:\n  1\n   2\ny: 3\n  4', { a: { x: '\n1\n2', y: '3\n4' } }],
    ['empty lines and comments in a value go', '[a]\nx: 1\n\n  # c\n; c\n  2\n   \n', { a: { x: '1\n2' } }],
    [
      'comments',
      '# c\n; c\n[a] ; c\nx: 1 # c\ny: 2;3#4\nz: 5  ; c # d',
      { a: { x: '1', y: '2;3#4', z: '5' } },
    ],
    [
      'escaped comment signs',
      '[a]\nx: 1 \\#2 \\;3\ny: \\# 4\nz: a\\#b',
      { a: { x: '1 #2 ;3', y: '# 4', z: 'a\\#b' } },
    ],
    ['tabs end at every fourth column', '[a]\nx: a\tb\tc', { a: { x: 'a    b   c' } }],
    ['tabs are white space', '[a]\nx:\t1\t# c\n\ty\n', { a: { x: '1\ny' } }],
    [
      'an indented option is an option when nothing is to be continued',
      '[a]\n  x: 1\n  y: 2',
      { a: { x: '1', y: '2' } },
    ],
    ['percent signs are nothing special', '[a]\nx: %(y)s %', { a: { x: '%(y)s %' } }],
    [
      'names that objects have already',
      '[__proto__]\nconstructor: 1',
      { ['__proto__']: { constructor: '1' } },
    ],
    ['Windows line ends and a byte order mark', '\ufeff[a]\r\nx: 1\r\n  2\r\n', { a: { x: '1\n2' } }],
    ['what follows a section on its line goes', '[a] x: 1', { a: {} }],
  ]
  for (const [name, text, expected] of cases)
    test(name, async (t) => {
      assert.deepEqual(Object.entries(sectionsOf(await read(t, text))), Object.entries(expected))
    })

  test('the file and line of every option is known', async (t) => {
    const source = await read(t, '# c\n[a]\n\nx: 1\n  2\ny: 3\n[include b.conf]', { 'b.conf': '[a]\ny: 4' })
    const options = source.sections[0]?.options
    assert.equal(options?.get('x')?.line, 4)
    assert.equal(options.get('y')?.line, 2)
    assert.equal(path.basename(options.get('y')?.file ?? ''), 'b.conf')
  })

  test('[DEFAULT] is no section of its own', async (t) => {
    const source = await read(t, '[DEFAULT]\nx: 1\n[a]\ny: 2')
    assert.deepEqual(sectionsOf(source), { a: { y: '2' } })
    assert.equal(source.defaults?.options.get('x')?.value, '1')
  })
})

describe('includes', () => {
  test('are merged where they stand; the last word counts', async (t) => {
    const main = '[a]\nx: 1\ny: 1\n[include b.conf]\n[c]\nx: 3'
    const source = await read(t, main, { 'b.conf': '[a]\nx: 2\n[b]\n[c]\nx: 2' })
    assert.deepEqual(sectionsOf(source), { a: { x: '2', y: '1' }, b: {}, c: { x: '3' } })
    assert.deepEqual(
      source.fileSections.map(({ file, sections }) => [path.basename(file), sections]),
      [
        ['main.conf', ['a', 'c']],
        ['b.conf', ['a', 'b', 'c']],
      ],
    )
  })

  test('take wildcards, sorted folder by folder, hidden files too', async (t) => {
    const files = {
      'z.conf': '[z]',
      'p/2/b.conf': '[b]',
      'p-1/a.conf': '[a]',
      'p/2/.c.conf': '[h]',
      'p/1/long.conf': '',
    }
    assert.deepEqual(Object.keys(sectionsOf(await read(t, '[include **/?.conf]', files))), ['b', 'a', 'z'])
    assert.deepEqual(Object.keys(sectionsOf(await read(t, '[include p/*/*.conf]', files))), ['h', 'b'])
  })

  test('are relative to the file they stand in', async (t) => {
    const files = { 'p/a.conf': '[a]\n[include ../q/*.conf]', 'q/b.conf': '[b]' }
    assert.deepEqual(Object.keys(sectionsOf(await read(t, '[include p/a.conf]', files))), ['a', 'b'])
  })

  test('of one file from two places are refused', async (t) => {
    const files = { 'p/a.conf': '[a]\n[include b.conf]', 'p/b.conf': '[b]' }
    assert.match(
      await refusalOf(t, '[include p/*.conf]', files),
      /^Recursive include: p\/b\.conf is included a second time/,
    )
  })

  test('take absolute paths, with wildcards in the last part only', async (t) => {
    const other = await temporaryFolder(t)
    await writeFiles(other, { 'x/1.conf': '[one]', 'x/2.conf': '[two]' })
    assert.deepEqual(sectionsOf(await read(t, `[include ${other}/x/*.conf]`)), { one: {}, two: {} })
    assert.match(await refusalOf(t, `[include ${other}/*/1.conf]`), /no file matches/)
  })

  test('that match nothing, or lead in a circle, or name nothing are refused', async (t) => {
    assert.match(
      await refusalOf(t, '\n[include no*.conf]'),
      /^\[include no\*\.conf\]: no file matches.*\(main\.conf, line 2\)$/,
    )
    assert.match(
      await refusalOf(t, '[include main.conf]'),
      /^Recursive include: main\.conf .*\(main\.conf, line 1\)$/,
    )
    const circle = { 'b.conf': '[b]\n[include main.conf]' }
    assert.match(await refusalOf(t, '[include b.conf]', circle), /\(b\.conf, line 2\)$/)
    assert.match(await refusalOf(t, '[include ]'), /names no file/)
    assert.match(
      await refusalOf(t, '[include folder]', { 'folder/x': '' }),
      /folder cannot be read: it is a folder/,
    )
  })
})

describe('what is refused, with file and line', () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'a section twice',
      '[a]\n[b]\n[a]',
      /^Duplicate section \[a\]: it stands in line 1 already.*\(main\.conf, line 3\)$/,
    ],
    [
      'an option twice',
      '[a]\nx: 1\nX: 2',
      /^Duplicate option 'x' in section \[a\]: it stands in line 2.*\(main\.conf, line 3\)$/,
    ],
    [
      'an option outside of sections',
      '\nx: 1',
      /^"x: 1" stands outside every section.*\(main\.conf, line 2\)$/,
    ],
    ['a line that is none of it', '[a]\nword', /^"word" is not an option.*\(main\.conf, line 2\)$/],
    ['an option without a name', '[a]\n: 1', /^": 1" is not an option/],
    ['an option behind an include', '[a]\n[include b.conf]\nx: 1', /^"x: 1" stands outside/],
  ]
  for (const [name, text, expected] of cases)
    test(name, async (t) => assert.match(await refusalOf(t, text, { 'b.conf': '' }), expected))

  test('a file that does not exist, or is no text', async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'main.conf')
    await assert.rejects(readSource(file), /main\.conf cannot be read: there is no such file/)
    await writeFile(file, Buffer.from([0x5b, 0xff, 0x5d]))
    await assert.rejects(readSource(file), /main\.conf cannot be read: it is not UTF-8 text/)
  })
})

describe('whatever is in a file', () => {
  const piece = fc.constantFrom(
    '[a]',
    '[b',
    ']',
    'x',
    ':',
    '=',
    ' ',
    '\t',
    '\n',
    '#',
    ';',
    '\\#',
    '[DEFAULT]',
    '[include x]',
    'é',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
  )

  test('it is read or refused, and nothing else', async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'main.conf')
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(file, content)
        const thrown: unknown = await readSource(file).then(
          () => null,
          (error: unknown) => error,
        )
        assert.ok(
          thrown === null || (thrown instanceof MoonkeeperError && thrown.kind === 'refused'),
          String(thrown),
        )
      }),
      { numRuns: 300 },
    )
  })

  const value = fc.stringMatching(/^[a-z:=[\]%]([a-z:=[\]% ]{0,20}[a-z:=[\]%])?$/)
  const comment = fc.stringMatching(/^[ -~]{0,20}$/)

  test('a comment changes no value, and an escaped sign is the sign', () => {
    fc.assert(
      fc.property(
        value,
        comment,
        fc.constantFrom('#', ';'),
        fc.constantFrom(' ', '   ', '\t'),
        (kept, gone, sign, space) => {
          assert.equal(withoutComment(`x: ${kept}${space}${sign}${gone}`).trimEnd(), `x: ${kept}`)
          assert.equal(withoutComment(`x: ${kept} \\${sign}${kept}`), `x: ${kept} ${sign}${kept}`)
          assert.equal(withoutComment(`x: ${kept}${sign}${kept}`), `x: ${kept}${sign}${kept}`)
        },
      ),
    )
  })

  test('options written by the rules come back', async (t) => {
    const file = path.join(await temporaryFolder(t), 'main.conf')
    const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/)
    const plain = fc.stringMatching(/^[a-z0-9/]{1,12}$/)
    const lines = fc.array(plain, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, lines, { minKeys: 1, noNullPrototype: true }), async (options) => {
        const body = Object.entries(options).map(
          ([key, values]) => `${key}:\n${values.map((one) => `  ${one} # c`).join('\n')}`,
        )
        await writeFile(file, `[a]\n${body.join('\n')}\n`)
        const expected = Object.fromEntries(
          Object.entries(options).map(([key, values]) => [key, `\n${values.join('\n')}`]),
        )
        assert.deepEqual(sectionsOf(await readSource(file)), { a: expected })
      }),
      { numRuns: 100 },
    )
  })
})
