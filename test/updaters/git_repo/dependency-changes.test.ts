import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ApplicationPlan } from '../../../src/contract/generated/types.js'
import type { GitRepoOptions } from '../../../src/updaters/git_repo/options.js'
import { commit, git } from '../../support/repositories.js'
import { planOf, scene } from '../../support/scene.js'

/** The plan from one content of a file to another; null: there is no such file. */
const planned = async (
  t: TestContext,
  options: Partial<GitRepoOptions>,
  file: string,
  from: string | null,
  to: string | null,
): Promise<ApplicationPlan> => {
  const at = await scene(
    t,
    (app, upstream) => {
      const old = commit(upstream.seed, 'old', from === null ? {} : { [file]: from })
      commit(upstream.seed, 'new', { [file]: to })
      upstream.publish()
      git(app, 'pull', '-q')
      git(app, 'reset', '-q', '--hard', old)
    },
    {},
    options,
  )
  return (await planOf(at, 'upgrade')).app
}

const changes = (list: ApplicationPlan['python']): readonly string[] | undefined =>
  list?.map(({ name, from, to }) => `${name}: ${from} -> ${to}`)

const python = { requirements: 'scripts/requirements.txt', virtualenv: '/nonexistent/env' }
const node = { enable_node_updates: true }

test('Python dependencies that change are told, whatever their form', async (t) => {
  const from = `# comment
greenlet==2.0.2 ; python_version < '3.12'
greenlet==3.0.3 ; python_version >= '3.12'
Jinja2 == 2.11.3   # pinned
python_can[serial]>=3
same.one >= 1, <2
any
gone==1 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
direct @ https://example.invalid/direct-1.whl#sha256=aaaa
--index-url https://example.invalid/simple
`
  const to = `greenlet==2.0.2 ; python_version < '3.12'
greenlet==3.1.0 ; python_version >= '3.12'
jinja2==2.11.4\r
python-can[serial,vector]>=3
Same_One>=1,<2 --hash=sha256:cccc
any
direct @ https://example.invalid/direct-1.whl#sha256=bbbb
new
--index-url https://example.invalid/simple
`
  const app = await planned(t, python, 'scripts/requirements.txt', from, to)
  assert.deepEqual(changes(app.python), [
    'direct: @ https://example.invalid/direct-1.whl#sha256=aaaa -> @ https://example.invalid/direct-1.whl#sha256=bbbb',
    'gone: ==1 -> null',
    "greenlet: ==2.0.2; python_version < '3.12' | ==3.0.3; python_version >= '3.12' -> " +
      "==2.0.2; python_version < '3.12' | ==3.1.0; python_version >= '3.12'",
    'jinja2: ==2.11.3 -> ==2.11.4',
    'new: null -> *',
    'python-can: [serial]>=3 -> [serial,vector]>=3',
  ])
  assert.equal(app.node, undefined)
  assert.deepEqual(app.warnings, [
    'There is no virtualenv in /nonexistent/env: exact versions cannot be told.',
    'How much is downloaded for what it depends on is not known before.',
  ])
})

test('an address that tells its name is a package; other addresses and files are said to be unknown', async (t) => {
  const from =
    'git+https://example.invalid/a.git@1#egg=a\nhttps://example.invalid/b-1.whl\n./c\nwheels/d-1.whl\n'
  const named = await planned(t, python, 'scripts/requirements.txt', from, from.replace('a.git@1', 'a.git@2'))
  assert.deepEqual(changes(named.python), [
    'a: git+https://example.invalid/a.git@1#egg=a -> git+https://example.invalid/a.git@2#egg=a',
  ])
  const other = await planned(t, python, 'scripts/requirements.txt', from, from.replace('b-1', 'b-2'))
  assert.deepEqual(other.python, [])
  assert.match(other.warnings.join(), /names addresses, limits or options that differ/)
})

test('a new requirements file; one that goes takes nothing away', async (t) => {
  const app = await planned(t, python, 'scripts/requirements.txt', null, '\ufeffone==1\n')
  assert.deepEqual(changes(app.python), ['one: null -> ==1'])
  const gone = await planned(t, python, 'scripts/requirements.txt', 'one==1\n', null)
  assert.deepEqual(gone.python, [])
})

const lock = (lockfileVersion: number, packages: Readonly<Record<string, object>>): string =>
  JSON.stringify({ name: 'app', lockfileVersion, packages, dependencies: { old: { version: '9' } } })

test('Node dependencies that change are told, wherever they lie', async (t) => {
  const from = lock(2, {
    '': { name: 'app', version: '1.0.0' },
    'packages/own': { version: '1.0.0' },
    'node_modules/own': { link: true, resolved: 'packages/own' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '3.0.0' },
    'node_modules/a/node_modules/b': { version: '1.0.0' },
    'node_modules/@scope/c': { version: '1.0.0' },
    'node_modules/d': { version: '1.0.0', resolved: 'git+ssh://git@example.invalid/d.git#aaaa' },
  })
  const to = lock(3, {
    '': { name: 'app', version: '2.0.0' },
    'packages/own': { version: '2.0.0' },
    'node_modules/own': { link: true, resolved: 'packages/own' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '3.0.0' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/d': { version: '1.0.0', resolved: 'git+ssh://git@example.invalid/d.git#bbbb' },
    'node_modules/__proto__': { version: '1.0.0' },
  })
  const app = await planned(t, node, 'package-lock.json', from, to)
  assert.deepEqual(changes(app.node), [
    '@scope/c: 1.0.0 -> null',
    '__proto__: null -> 1.0.0',
    'b: 1.0.0 -> 2.0.0',
    'd: git+ssh://git@example.invalid/d.git#aaaa -> git+ssh://git@example.invalid/d.git#bbbb',
  ])
  assert.equal(app.python, undefined)
})

const strange = [
  '{"packages": ',
  '[]',
  'null',
  '{"packages": 1}',
  '{"lockfileVersion": 1, "dependencies": {}}',
  '',
]

for (const text of strange) {
  test(`a lock file like ${text === '' ? 'nothing' : text} is left out, and said so`, async (t) => {
    const app = await planned(
      t,
      node,
      'package-lock.json',
      lock(3, { 'node_modules/a': { version: '1' } }),
      text,
    )
    assert.equal(app.node, undefined)
    assert.match(app.warnings.join(), /package-lock\.json is not understood/)
    assert.equal(app.commits_count, 1, 'the rest is told')
  })
}
