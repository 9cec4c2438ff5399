import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OperatingSystem } from '../../src/dependencies/operating-system.js'
import { conditionHolds } from '../../src/dependencies/package-condition.js'
import { parseInstallScript, parseSystemDependencies } from '../../src/dependencies/system-packages.js'

const debian: OperatingSystem = { id: 'debian', version: '12', aliases: [], vendor: '', excluded: [] }
const ubuntu = { ...debian, id: 'ubuntu', version: '24.04', aliases: ['debian'] }
const raspbian = { ...debian, id: 'raspbian', aliases: ['debian'], vendor: 'raspberry-pi', version: '11' }

const namesOf = (lists: unknown, system: OperatingSystem): readonly string[] =>
  parseSystemDependencies(JSON.stringify(lists), system).names

test('packages for this system, or for the nearest one that it derives from', () => {
  const lists = { debian: ['z', 'a', 'z'], ubuntu: ['u'], arch: ['x'] }
  assert.deepEqual(namesOf(lists, debian), ['a', 'z'])
  assert.deepEqual(namesOf(lists, ubuntu), ['u'])
  assert.deepEqual(namesOf(lists, raspbian), ['a', 'z'])
  assert.deepEqual(namesOf({ ...lists, ubuntu: [] }, ubuntu), ['a', 'z'], 'an empty list is as good as none')
  assert.deepEqual(namesOf({ arch: ['x'] }, debian), [])
  assert.deepEqual(namesOf(lists, { ...debian, id: '' }), [])
  assert.deepEqual(namesOf({ constructor: ['x'] }, { ...debian, id: 'toString' }), [])
})

const conditions: readonly (readonly [string, OperatingSystem, boolean])[] = [
  ["distro_id == 'ubuntu'", ubuntu, true],
  ["distro_id == 'ubuntu'", debian, false],
  ["distro_id=='ubuntu' and distro_version>='24.10'", ubuntu, false],
  ["distro_id=='ubuntu' and distro_version>='24.10'", { ...ubuntu, version: '24.10' }, true],
  ["distro_id=='ubuntu' and distro_version>='24.10'", { ...ubuntu, version: '25.04' }, true],
  ["distro_id != 'ubuntu' or distro_version <= '24.04'", ubuntu, true],
  ["distro_id != 'ubuntu' or distro_version <= '24.04'", debian, true],
  ["vendor == 'raspberry-pi' and distro_version >= '11'", raspbian, true],
  ["vendor == 'raspberry-pi' and distro_version >= '11'", debian, false],
  ['distro_version == "12"', debian, true],
  ['distro_version == 12', debian, true],
  ["distro_version == '12.0'", debian, false],
  ["distro_version > '9'", debian, true],
  ["distro_version < '12.1'", debian, true],
  ["distro_version > '12.1'", { ...debian, version: '12.10' }, true],
  ["distro_version != 'sid'", debian, true],
  [' DISTRO_ID==debian ', debian, true],
  // From left to right, without precedence.
  ["distro_id == 'debian' or distro_id == 'x' and vendor == 'y'", debian, false],
]

for (const [condition, system, expected] of conditions) {
  test(`${condition} on ${system.id} ${system.version} is ${String(expected)}`, () => {
    assert.equal(conditionHolds(condition, system), expected)
    assert.deepEqual(namesOf({ [system.id]: [`pkg; ${condition}`] }, system), expected ? ['pkg'] : [])
  })
}

const wrong = [
  'pkg; ',
  'pkg; distro_id',
  "pkg; distro_id == 'a' == 'b'",
  "pkg; distro_id = 'debian'",
  "pkg; distro_id == 'debian' and and distro_id == 'debian'",
  "pkg; python_version == '3'",
  "pkg; distro_version > 'sid'",
  "pkg; __import__('os').system('true') == 1",
  '-o=Dpkg::Options::=x',
  '../x',
  'a b',
  'pkg=1.0',
]

for (const wish of wrong) {
  test(`a wish like ${wish} is left out, and said so`, () => {
    const { names, problems } = parseSystemDependencies(JSON.stringify({ debian: ['fine', wish] }), debian)
    assert.deepEqual(names, ['fine'])
    assert.equal(problems.length, 1)
  })
}

test('nothing can be told of a version when that of the system is not known', () => {
  const system = { ...debian, version: '' }
  const { names, problems } = parseSystemDependencies(
    '{"debian": ["a", "b; distro_version >= \'1\'"]}',
    system,
  )
  assert.deepEqual(names, ['a'])
  assert.match(problems.join(), /not known/)
})

test('what the environment excludes is left out without a word', () => {
  const system = { ...debian, excluded: ['a'] }
  assert.deepEqual(parseSystemDependencies('{"debian": ["a", "b"]}', system), { names: ['b'], problems: [] })
})

for (const text of ['', '[]', 'null', '{"debian": ', '"x"', '{"debian": [1, null, ["a"]]}']) {
  test(`a file like ${text} asks for nothing, and that is said`, () => {
    const { names, problems } = parseSystemDependencies(text, debian)
    assert.deepEqual(names, [])
    assert.ok(problems.length > 0)
  })
}

test('an install script is read for its list of packages, and nothing else in it counts', () => {
  const script = `#!/bin/bash
PKGLIST="virtualenv python-dev"
    # kconfig requirements
    PKGLIST="\${PKGLIST} libncurses-dev"
PKGLIST="$PKGLIST  gcc-avr g++ "
# PKGLIST="\${PKGLIST} not-this"
PKGLIST="\${PKGLIST} $(rm -rf /) \${OTHER} --option"
PKGLIST='single quotes'
OTHER="no"
sudo apt-get install --yes \${PKGLIST}
`
  const { names, problems } = parseInstallScript(script)
  assert.deepEqual(names, ['g++', 'gcc-avr', 'libncurses-dev', 'python-dev', 'virtualenv'])
  assert.deepEqual(problems, [
    "'$(rm' is not the name of a package",
    "'-rf' is not the name of a package",
    "'/)' is not the name of a package",
    "'${OTHER}' is not the name of a package",
    "'--option' is not the name of a package",
  ])
  assert.deepEqual(parseInstallScript('echo hello\n'), { names: [], problems: [] })
})
