import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { logicalLines } from '../../src/dependencies/requirement-lines.js'
import { parseLine, textOf } from '../../src/dependencies/requirement.js'
import { asksForMore, readRequirements, type Requirements } from '../../src/dependencies/requirements.js'
import { folderTree } from '../../src/dependencies/source-tree.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { treeOf } from '../support/source-tree.js'

const read = (text: string, others: Readonly<Record<string, string>> = {}): Promise<Requirements> =>
  readRequirements(treeOf({ 'requirements.txt': text, ...others }), 'requirements.txt')

const texts = async (
  text: string,
  others: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => (await read(text, others)).wanted.map(textOf)

test('lines are joined, and comments left out, as pip does it', () => {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['\ufeffone\r\ntwo\rthree\n\n', ['one', 'two', 'three']],
    ['# all\none # why\n  #indented\n', ['one']],
    [
      'one==1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\ntwo',
      ['one==1   --hash=sha256:aa   --hash=sha256:bb', 'two'],
    ],
    // A comment in between ends what went on; one that itself ends in a backslash goes on nowhere.
    ['one \\\n# said\ntwo\n', ['one', 'two']],
    ['# said \\\none\n', ['one']],
    ['one \\', ['one']],
    ['git+https://example.invalid/a.git#egg=a\n', ['git+https://example.invalid/a.git#egg=a']],
  ]
  for (const [text, expected] of lines) assert.deepEqual(logicalLines(text), expected, JSON.stringify(text))
})

test('what a line asks for, whatever its form', () => {
  const lines: readonly (readonly [string, string | null, string])[] = [
    ['Jinja2', 'jinja2', 'jinja2'],
    ['Jinja2 == 2.11.3', 'jinja2', 'jinja2==2.11.3'],
    ['same.one_name (>= 1, < 2)', 'same-one-name', 'same-one-name>=1,<2'],
    ['python-can[ Serial , vector ]~=4.0', 'python-can', 'python-can[serial,vector]~=4.0'],
    ["greenlet==3 ; python_version >= '3.12'", 'greenlet', "greenlet==3 ; python_version >= '3.12'"],
    ["greenlet==3;python_version>='3.12'", 'greenlet', "greenlet==3 ; python_version>='3.12'"],
    ["bare; sys_platform == 'linux'", 'bare', "bare ; sys_platform == 'linux'"],
    ['a==1 --hash=sha256:bb   --hash=sha256:aa', 'a', 'a==1 --hash=sha256:aa --hash=sha256:bb'],
    ['a @ https://example.invalid/a;b.whl', 'a', 'a@ https://example.invalid/a;b.whl'],
    [
      "a @ https://example.invalid/a.whl ; python_version > '3'",
      'a',
      "a@ https://example.invalid/a.whl ; python_version > '3'",
    ],
    [
      'git+https://example.invalid/A_b.git@v1#egg=A_b[x]',
      'a-b',
      'git+https://example.invalid/A_b.git@v1#egg=A_b[x]',
    ],
    ['-e git+https://example.invalid/a.git#egg=a', 'a', '-e git+https://example.invalid/a.git#egg=a'],
    ['--editable=./own', null, '-e ./own'],
    ['-e.', null, '-e .'],
    ['./wheels/a-1.0-py3-none-any.whl', null, './wheels/a-1.0-py3-none-any.whl'],
    ['wheels/b-1.0.tar.gz', null, 'wheels/b-1.0.tar.gz'],
    ['/opt/c', null, '/opt/c'],
    ['what is this?', null, 'what is this?'],
  ]
  for (const [line, name, text] of lines) {
    const parsed = parseLine(line)
    assert.ok(parsed.kind === 'requirement', line)
    assert.equal(parsed.name, name, line)
    assert.equal(textOf(parsed), text, line)
  }
})

test('options and included files are told apart from what is asked for', () => {
  assert.deepEqual(parseLine('--index-url  https://example.invalid/simple'), {
    kind: 'option',
    text: '--index-url https://example.invalid/simple',
  })
  assert.deepEqual(parseLine('--require-hashes'), { kind: 'option', text: '--require-hashes' })
  for (const line of [
    '-r base.txt',
    '-rbase.txt',
    '--requirement base.txt',
    '--requirement=base.txt',
    '-r "base.txt"',
  ])
    assert.deepEqual(parseLine(line), { kind: 'include', file: 'base.txt', constraint: false }, line)
  for (const line of ['-c limits.txt', '-climits.txt', '--constraint=limits.txt'])
    assert.deepEqual(parseLine(line), { kind: 'include', file: 'limits.txt', constraint: true }, line)
})

test('included files are found from the file that names them, each once, and limits ask for nothing', async () => {
  const tree = treeOf({
    'scripts/requirements.txt': '-r ../base.txt\n-r more/extra.txt\n-c limits.txt\nown\n',
    'base.txt': 'base==1\n-r scripts/requirements.txt\n',
    'scripts/more/extra.txt': 'extra\n-r ../../base.txt\n',
    'scripts/limits.txt': 'base<2\n-r more/extra.txt\n',
  })
  const found = await readRequirements(tree, 'scripts/requirements.txt')
  assert.deepEqual(found.wanted.map(textOf), ['base==1', 'extra', 'own'])
  assert.deepEqual(found.constraints.map(textOf), ['base<2', 'extra', 'base==1', 'own'])
  assert.deepEqual(found.problems, [])
})

test('nothing is read that does not lie in the application’s folder', async (t) => {
  const folder = await temporaryFolder(t)
  const app = path.join(folder, 'app')
  mkdirSync(path.join(app, 'scripts'), { recursive: true })
  writeFileSync(path.join(folder, 'secret.txt'), 'secret\n')
  symlinkSync('../../secret.txt', path.join(app, 'scripts/link.txt'))
  symlinkSync('scripts/inner.txt', path.join(app, 'inside.txt'))
  writeFileSync(path.join(app, 'scripts/inner.txt'), 'inner\n')
  const lines = [
    '-r ../../secret.txt',
    `-r ${folder}/secret.txt`,
    '-r link.txt',
    '-r ../inside.txt',
    '-r gone.txt',
  ]
  writeFileSync(
    path.join(app, 'scripts/requirements.txt'),
    [...lines, '-c https://example.invalid/c.txt'].join('\n'),
  )
  const found = await readRequirements(folderTree(app, systemFiles), 'scripts/requirements.txt')
  assert.deepEqual(found.wanted.map(textOf), ['inner'])
  assert.deepEqual(found.problems, [
    "scripts/requirements.txt includes ../../secret.txt, which is not in the application's folder",
    `scripts/requirements.txt includes ${folder}/secret.txt, which is not in the application's folder`,
    "scripts/link.txt is a link out of the application's folder",
    'scripts/gone.txt is not there',
    'scripts/requirements.txt includes https://example.invalid/c.txt, which is not looked at',
  ])
})

test('a file that is not there asks for nothing, and is no problem', async () => {
  const found = await readRequirements(treeOf({}), 'requirements.txt')
  assert.deepEqual([found.wanted, found.problems], [[], []])
})

test('a file that includes a hundred others is given up', async () => {
  const files = Object.fromEntries([...Array(200).keys()].map((n) => [`${n}.txt`, `-r ${n + 1}.txt\n`]))
  const found = await readRequirements(treeOf(files), '0.txt')
  assert.deepEqual(found.problems, ['there are more than 100 requirements files'])
})

const changes: readonly (readonly [string, string, string, boolean])[] = [
  ['a comment', 'six\n', 'six\n# none\n', false],
  ['spaces and the order', 'a==1\nb>=2,<3\n', '# sorted\nb >= 2, <3\nA == 1\n', false],
  ['a wish that is gone', 'a\nb\n', 'a\n', false],
  ['another version', 'six>=1.0\n', 'six>=1.1\n', true],
  ['a new wish', 'a\n', 'a\nb\n', true],
  ['another marker', "a ; python_version>'3'\n", "a ; python_version>'3.8'\n", true],
  ['another extra', 'a[x]\n', 'a[x,y]\n', true],
  ['another hash', 'a==1 --hash=sha256:aa\n', 'a==1 --hash=sha256:bb\n', true],
  ['another index', 'a\n', '--index-url https://example.invalid/\na\n', true],
  ['another address', 'git+https://h/a.git@1#egg=a\n', 'git+https://h/a.git@2#egg=a\n', true],
]

for (const [what, from, to, expected] of changes) {
  test(`${what} ${expected ? 'needs' : 'needs no'} pip`, async () => {
    assert.equal(asksForMore(await read(from), await read(to)), expected)
  })
}

test('a change in an included file, or in a limit, needs pip', async () => {
  const main = '-r base.txt\n-c limits.txt\n'
  const old = await read(main, { 'base.txt': 'a==1\n', 'limits.txt': 'b<2\n' })
  assert.equal(asksForMore(old, await read(main, { 'base.txt': 'a==2\n', 'limits.txt': 'b<2\n' })), true)
  assert.equal(asksForMore(old, await read(main, { 'base.txt': 'a==1\n', 'limits.txt': 'b<3\n' })), true)
  assert.equal(
    asksForMore(old, await read('-r limits.txt\n-r base.txt\n', { 'base.txt': 'a==1\n', 'limits.txt': '' })),
    false,
  )
})

test('what is installed from the application’s own folder is known by its content', async () => {
  const wheel = './wheels/a-1-py3-none-any.whl\n'
  const old = await read(wheel, { 'wheels/a-1-py3-none-any.whl': 'one' })
  assert.equal(asksForMore(old, await read(wheel, { 'wheels/a-1-py3-none-any.whl': 'one' })), false)
  assert.equal(asksForMore(old, await read(wheel, { 'wheels/a-1-py3-none-any.whl': 'two' })), true)
  const here = '-e .\n'
  const project = await read(here, { 'pyproject.toml': '[project]\n' })
  assert.equal(
    asksForMore(project, await read(here, { 'pyproject.toml': '[project]\n', 'app.py': '1' })),
    false,
  )
  assert.equal(
    asksForMore(project, await read(here, { 'pyproject.toml': '[project]\ndependencies=["b"]\n' })),
    true,
  )
  assert.equal(asksForMore(await read('.\n'), await read('.\n')), true, 'a copy of the folder is installed')
  assert.deepEqual(await texts('.\n'), ['.'])
})
