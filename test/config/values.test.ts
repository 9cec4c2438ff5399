import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  branchProblem,
  hoursProblem,
  insideProblem,
  nameProblem,
  originProblem,
  packageProblem,
  pinProblem,
  repoProblem,
} from '../../src/config/checks.js'
import { isServiceAllowed } from '../../src/config/services.js'
import { render } from '../../src/config/template.js'
import { parseValue, ValueError } from '../../src/config/values.js'
import type { Option } from '../../src/contract/tables.js'

const lines: Option = { type: 'array', separator: 'lines', items: { type: 'string' } }
const spaces: Option = { ...lines, separator: 'spaces' }
const hours: Option = { type: 'array', separator: '-', items: { type: 'integer' } }

describe('values', () => {
  const cases: readonly [Option, string, unknown][] = [
    ...['1', 'yes', 'True', 'ON'].map((text): [Option, string, unknown] => [{ type: 'boolean' }, text, true]),
    ...['0', 'no', 'False', 'oFF'].map((text): [Option, string, unknown] => [
      { type: 'boolean' },
      text,
      false,
    ]),
    [{ type: 'integer' }, '-12', -12],
    [{ type: 'integer' }, '1_000', 1000],
    [{ type: 'number' }, '1.5e1', 15],
    [{ type: 'string', enum: ['halt', 'poweroff'] }, 'HALT', 'halt'],
    [lines, '\na b\n\nc', ['a b', 'c']],
    [lines, '', []],
    [spaces, '\na  b\nc', ['a', 'b', 'c']],
    [hours, '22-6', [22, 6]],
    [{ type: 'object', separator: 'lines' }, '\nA=1\nB = x=y', { A: '1', B: 'x=y' }],
  ]
  for (const [option, text, expected] of cases)
    test(`${JSON.stringify(option.type)} ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseValue(text, option), expected)
    })

  const refused: readonly [Option, string, RegExp][] = [
    [{ type: 'boolean' }, '2', /True or False, not '2'/],
    [{ type: 'boolean' }, 'constructor', /True or False/],
    [{ type: 'integer' }, '1.0', /whole number, not '1.0'/],
    [{ type: 'integer' }, '', /whole number/],
    [{ type: 'integer', minimum: 0 }, '-1', /0 or more, not -1/],
    [{ type: 'integer', maximum: 65535 }, '65536', /65535 or less/],
    [{ type: 'number' }, 'inf', /a number/],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', /one of a, b, not 'c'/],
    [hours, '1-x', /whole number, not 'x'/],
    [{ type: 'object', separator: 'lines' }, 'word', /NAME=value, not 'word'/],
  ]
  for (const [option, text, message] of refused)
    test(`refused: ${JSON.stringify(option.type)} ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseValue(text, option),
        (thrown: unknown) => thrown instanceof ValueError && message.test(thrown.message),
      )
    })
})

describe('templates', () => {
  const context = { data_path: '/data', secrets: { a: { pass: 'word', port: 5, list: [] } } }
  test('name values', () => {
    assert.equal(render(' {data_path}/comms ', context), '/data/comms')
    assert.equal(render("{ secrets.a.pass }-{secrets['a']['port']}", context), 'word-5')
    assert.equal(render('no template', context), 'no template')
  })
  for (const text of [
    '{secrets.b.pass}',
    '{secrets.a.nothing}',
    '{nothing}',
    '{secrets.a}',
    '{secrets.a.list}',
    '{1 + 1}',
    '{data_path|upper}',
    '{}',
    '{data_path.length}',
    '{constructor}',
  ])
    test(`${text} is refused`, () => {
      assert.throws(
        () => render(text, context),
        (thrown: Error) => thrown.message.startsWith('{') && !thrown.message.includes('word'),
      )
    })
})

const table = (
  check: (text: string) => string | null,
  fine: readonly string[],
  wrong: readonly string[],
): void => {
  for (const text of fine) test(`${JSON.stringify(text)} is fine`, () => assert.equal(check(text), null))
  for (const text of wrong)
    test(`${JSON.stringify(text)} is refused`, () => assert.notEqual(check(text), null))
}

describe('branches', () => {
  const wrong = [
    '',
    '-x',
    '--upload-pack=evil',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    'a/.b',
    '.a',
    'a.lock',
    'a.lock/b',
    'a.',
    'a@{1}',
    '@',
    'HEAD',
    'a\u0007',
    'a\nb',
  ]
  table(branchProblem, ['master', 'main', 'feature/x-1', 'v0.13', 'ünï', 'a@b'], wrong)
})

describe('origins', () => {
  const wrong = [
    '',
    '-u',
    '--upload-pack=x',
    'ext::sh -c x',
    'fd::17',
    'EXT::x',
    'a+b::x',
    'https://x\n-y',
    'https://x\u0000',
  ]
  table(
    originProblem,
    [
      'https://github.com/a/b.git',
      'git@github.com:a/b.git',
      'ssh://x/y',
      '/srv/a.git',
      '~/x',
      'http://[::1]:80/a',
      '[::1]:a.git',
    ],
    wrong,
  )
})

describe('names of applications', () => {
  const wrong = [
    '',
    '.',
    '..',
    '.hidden',
    '-rf',
    'a/b',
    'a\\b',
    'a..b',
    'a\u0000',
    'a\tb',
    'a\u202eb',
    'x'.repeat(101),
  ]
  table(nameProblem, ['KlipperScreen', 'moonraker-obico', 'a b', 'a.b', 'ünï'], wrong)
})

describe('other names', () => {
  table(
    pinProblem,
    ['79930ed9', 'a'.repeat(40), 'a'.repeat(64)],
    ['79930ed', 'master-branch', 'A'.repeat(8), 'a'.repeat(65)],
  )
  table(
    repoProblem,
    ['fluidd-core/fluidd', 'a/b.c_d'],
    ['', 'a', 'a/b/c', 'a/..', './b', 'a b/c', 'a/b?x', '/a'],
  )
  table(
    insideProblem,
    ['keep', 'a/b.json', '.theme'],
    ['', '..', '../x', 'a/../b', '/a', 'a//b', './a', 'a\u0000'],
  )
  table(
    packageProblem,
    ['octoprint', 'a.b-c_d', 'x[all,dev]'],
    ['', '-r', 'a b', '--index-url=x', 'x[', 'git+https://x'],
  )
  table((text) => hoursProblem(text.split('-').map(Number)), ['0-5', '22-6'], ['0', '0-5-6', '5-5', '0-24'])
})

test('a name that is allowed is one part of a path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      fc.pre(nameProblem(name) === null)
      assert.ok(!name.includes('/') && !name.includes('\0') && name !== '.' && name !== '..')
    }),
  )
})

test('services: those of the list, and klipper and moonraker by any number', () => {
  const allowed = ['KlipperScreen']
  const ask = (name: string): boolean => isServiceAllowed(allowed, name)
  assert.deepEqual(['KlipperScreen', 'klipper', 'klipper-1', 'moonraker_2'].map(ask), [
    true,
    true,
    true,
    true,
  ])
  assert.deepEqual(['ssh', 'klipperscreen', 'my-klipper'].map(ask), [false, true, false])
})
