import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { planText } from '../../src/cli/plan-text.js'
import { sizeText } from '../../src/cli/size-text.js'
import type { ApplicationPlan, Plan } from '../../src/contract/generated/types.js'
import { temporaryFolder } from '../support/folder.js'
import { run, type Ran } from './fake-io.js'
import { serveUnix, type Asked } from './fake-server.js'

const hash = '9f86d081884c7d65'

const application = (change: Partial<ApplicationPlan> = {}): ApplicationPlan => ({
  name: 'demo',
  type: 'git_repo',
  goal: 'upgrade',
  needed: true,
  from: { version: 'v1.0.0-0', id: 'aaaa' },
  to: { version: 'v1.1.0-3', id: 'bbbb' },
  downgrade: false,
  packages: { install: [], upgrade: [], remove: [] },
  services: [],
  edits: [],
  reversible: true,
  warnings: [],
  ...change,
})

const aPlan = (applications: ApplicationPlan[], change: Partial<Plan> = {}): Plan => ({
  goal: 'upgrade',
  applications,
  reversible: true,
  needs_plan_hash: [],
  warnings: [],
  hash,
  ...change,
})

const commits = (count: number): NonNullable<ApplicationPlan['commits']> =>
  Array.from({ length: count }, (_, index) => ({
    sha: `${index}`.padStart(40, 'a'),
    author: 'A Person',
    date: '1',
    subject: `subject\x1b[2J ${index}`,
    message: '',
    tag: null,
  }))

const plainLook = { colour: false, columns: Infinity }

const shown = (change: Partial<ApplicationPlan>): readonly string[] =>
  planText(aPlan([application(change)]), 'COMMAND', plainLook).split('\n')

const asking = async (
  t: TestContext,
  answer: Plan,
  args: readonly string[],
): Promise<Ran & { readonly asked: readonly Asked[]; readonly folder: string }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), {
    'machine.update.plan': (peer) => peer.answer(answer),
  })
  return { ...(await run(folder, args)), asked, folder }
}

describe('plan', () => {
  it('shows what would happen, what goes first, and the command that accepts it', () => {
    const everything = application({
      downgrade: true,
      commits: commits(12),
      commits_count: 30,
      download_bytes: 3_500_000,
      files: 4,
      disk_bytes: 8192,
      packages: {
        install: [{ name: 'libnew', from: null, to: '1.0', origin: 'debian' }],
        upgrade: [{ name: 'libc', from: '1', to: '2' }],
        remove: [{ name: 'libold\x1b[2J', from: '0.9', to: null }],
      },
      python: [
        { name: 'numpy', from: '1.2', to: '1.3' },
        { name: 'six', from: '1.0', to: null },
      ],
      node: [{ name: 'ws', from: null, to: '8' }],
      services: ['klipper', 'demo'],
      edits: ['printer.py'],
      reversible: false,
      warnings: ['Look\nhere'],
    })
    const text = planText(
      aPlan([everything], { needs_plan_hash: ['demo: packages would be removed: libold'] }),
      'moonkeeper upgrade demo --plan-hash 9f',
      plainLook,
    )
    const shownCommits = commits(10).map(({ sha }, index) => `    ${sha.slice(0, 8)}  subject ${index}`)
    assert.deepEqual(text.split('\n'), [
      'demo: v1.0.0-0 -> v1.1.0-3',
      '  REMOVES packages: libold 0.9',
      '  REMOVES Python packages: six 1.0',
      '  GOES BACK to an older version: v1.1.0-3',
      '  CANNOT BE TAKEN BACK',
      '  30 commits:',
      ...shownCommits,
      '    and 20 more',
      '  4 files change, 3.3 MiB to download, 8.0 KiB needed on the disk meanwhile',
      '  new packages: libnew 1.0 (debian)',
      '  packages that change: libc 1 -> 2',
      '  Python packages: numpy 1.2 -> 1.3',
      '  Node packages: ws 8',
      '  restarts: klipper, demo',
      '  your edits are carried over: printer.py',
      '  Note: Look here',
      '',
      'It is refused unless you accept it by its hash, because:',
      '  demo: packages would be removed: libold',
      'To do exactly this, and nothing if it is not the same any more by then:',
      '  moonkeeper upgrade demo --plan-hash 9f',
      '',
    ])
  })

  it('shows the notes of a release, within limits', () => {
    const notes = Array.from({ length: 12 }, (_, index) => `note ${index}`).join('\n\n')
    const lines = shown({ release_notes: notes })
    assert.deepEqual(lines.slice(1, 3), ['  notes of the release:', '    note 0'])
    assert.equal(lines[11], '    note 9')
    assert.equal(lines[12], '    and 2 more lines')
  })

  it('says little where little is known, and that a recovery brings the same back', () => {
    assert.deepEqual(shown({ commits_count: 1 }).slice(0, 3), [
      'demo: v1.0.0-0 -> v1.1.0-3',
      '  1 commit',
      '',
    ])
    const same = shown({ goal: 'recover', to: { version: 'v1.0.0-0', id: 'aaaa' }, edits: ['a', 'b'] })
    assert.deepEqual(same.slice(0, 2), [
      'demo: v1.0.0-0, brought back as it was',
      '  your edits are kept as a patch: a, b',
    ])
  })

  it('says what has nothing to do, and what is known of the machine', () => {
    const idle = application({ name: 'idle', needed: false, warnings: ['It is edited.'] })
    const text = planText(aPlan([idle], { warnings: ['The clock is wrong.'] }), 'COMMAND', plainLook)
    const expected = 'Nothing to do: idle (v1.0.0-0)\n  idle: It is edited.\n\nNote: The clock is wrong.\n'
    assert.equal(text, expected)
    assert.equal(planText(aPlan([]), 'COMMAND', plainLook), 'Nothing to do.\n')
  })

  it('is coloured and cut for a terminal, but for what matters most', () => {
    const plan = aPlan([application({ commits: commits(1), reversible: false })])
    const lines = planText(plan, 'COMMAND', { colour: true, columns: 20 }).split('\n')
    assert.equal(lines[1], '  \x1b[31mCANNOT BE TAKEN BACK\x1b[0m')
    assert.equal(lines[3], '    aaaaaaaa  subje…')
  })

  it('asks as it is told, and offers the same for acceptance', async (t) => {
    const cases: readonly (readonly [readonly string[], object, string | null])[] = [
      [[], { goal: 'upgrade' }, `moonkeeper upgrade --plan-hash ${hash}`],
      [
        ['a', 'b c'],
        { names: ['a', 'b c'], goal: 'upgrade' },
        `moonkeeper upgrade a 'b c' --plan-hash ${hash}`,
      ],
      [
        ['a', '--version', 'v1'],
        { name: 'a', goal: 'upgrade', version: 'v1' },
        `moonkeeper upgrade a --version v1 --plan-hash ${hash}`,
      ],
      [
        ['a', '--goal', 'rollback'],
        { name: 'a', goal: 'rollback' },
        `moonkeeper rollback a --plan-hash ${hash}`,
      ],
      [
        ['a', '--goal', 'recover', '--hard', '--update-deps'],
        { name: 'a', goal: 'recover', hard: true, update_deps: true },
        `moonkeeper recover a --hard --update-deps --plan-hash ${hash}`,
      ],
      [['--goal', 'rollback'], { goal: 'rollback' }, null],
    ]
    for (const [args, params, command] of cases) {
      const { code, out, err, asked } = await asking(t, aPlan([application()]), ['plan', ...args])
      assert.deepEqual([code, err], [0, ''])
      assert.deepEqual(asked.at(-1)?.params, params)
      if (command === null) assert.match(out, /one at a time only/)
      else assert.ok(out.endsWith(`\n  ${command}\n`), out)
    }
  })

  it('names the same server in the command that accepts it', async (t) => {
    const args = ['plan', 'demo', '-d', 'printer_data']
    const { out } = await asking(t, aPlan([application()]), args)
    assert.ok(out.endsWith(`moonkeeper upgrade demo --plan-hash ${hash} --datapath printer_data\n`), out)
  })

  it('prints JSON', async (t) => {
    const plan = aPlan([application()])
    const { code, out } = await asking(t, plan, ['plan', '--json'])
    assert.deepEqual([code, JSON.parse(out)], [0, plan])
  })
})

it('sizes are told in units for people', () => {
  const sizes = [0, 1, 1023, 1024, 10 * 1024, 1.5 * 1024 ** 2, 1024 ** 3, 1024 ** 6].map(sizeText)
  assert.deepEqual(sizes, [
    '0 bytes',
    '1 byte',
    '1023 bytes',
    '1.0 KiB',
    '10 KiB',
    '1.5 MiB',
    '1.0 GiB',
    '1048576 TiB',
  ])
})
