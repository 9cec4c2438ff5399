import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { Commands } from '../../../src/system/commands.js'
import type { UpdaterSurroundings } from '../../../src/updaters/contract.js'
import { GitRepoUpdater } from '../../../src/updaters/git_repo/index.js'
import type { GitRepoOptions } from '../../../src/updaters/git_repo/options.js'
import { temporaryFolder } from '../../support/folder.js'
import { checkoutAt, commit, git, makeUpstream, type Upstream } from '../../support/repositories.js'
import { gitOptions, realCommands, realSurroundings } from '../../support/surroundings.js'

interface Place {
  readonly app: string
  readonly upstream: Upstream
  readonly outside: UpdaterSurroundings
}

const makePlace = async (t: TestContext, outside: Partial<UpdaterSurroundings> = {}): Promise<Place> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  return { app, upstream, outside: await realSurroundings(folder, outside) }
}

const updaterAt = ({ app, upstream, outside }: Place, options: Partial<GitRepoOptions>): GitRepoUpdater =>
  new GitRepoUpdater('app', gitOptions(app, upstream.url, options), outside)

const look = (updater: GitRepoUpdater, remote: boolean): Promise<void> =>
  updater.inspect({ signal: new AbortController().signal, remote })

/** What may happen between two looks. Some of it does nothing, or fails: that is fine. */
const events: Readonly<Record<string, (place: Place, number: number) => void>> = {
  nothing: () => undefined,
  'a commit upstream': ({ upstream }, number) => {
    commit(upstream.seed, `more ${number}`, { [`more${number}.txt`]: 'more\n' })
    upstream.publish()
  },
  'a tag upstream': ({ upstream }, number) => {
    git(upstream.seed, 'tag', '-f', `v1.${number}.0`)
    upstream.publish()
  },
  'a candidate upstream': ({ upstream }, number) => {
    git(upstream.seed, 'tag', '-f', `v2.0.0-rc${number}`)
    upstream.publish()
  },
  'a release upstream': ({ upstream }, number) => {
    git(upstream.seed, 'tag', '-f', `v2.${number}.0`)
    upstream.publish()
  },
  'upstream begins anew': ({ upstream }, number) => {
    git(upstream.seed, 'reset', '-q', '--hard', 'v1.0.0')
    commit(upstream.seed, `other ${number}`, { 'other.txt': `${number}\n` })
    upstream.publish()
  },
  'a local tag': ({ app }, number) => void git(app, 'tag', '-f', `v0.${number}.0`),
  'no tags': ({ app }) => void git(app, 'tag', '-d', ...git(app, 'tag').split('\n')),
  'a local commit': ({ app }, number) => void commit(app, 'mine', { [`mine${number}.txt`]: 'mine\n' }),
  'an edit': ({ app }) => appendFileSync(path.join(app, 'app.py'), '# mine\n'),
  clean: ({ app }) => void git(app, 'reset', '-q', '--hard'),
  forwards: ({ app }) => void git(app, 'reset', '-q', '--hard', 'origin/master'),
  backwards: ({ app }) => void git(app, 'reset', '-q', '--hard', 'HEAD~1'),
  'a detached head': ({ app }) => void git(app, 'checkout', '-q', '--detach'),
  'the branch again': ({ app }) => void git(app, 'checkout', '-q', 'master'),
  'packed refs': ({ app }) => void git(app, 'pack-refs', '--all'),
  'a commit that is replaced': ({ app }) => void git(app, 'replace', '-f', 'origin/master', 'v1.0.0^{}'),
  'other words for versions': ({ app }) => void git(app, 'config', 'versionsort.suffix', '-rc'),
  'a history that is cut': ({ app, upstream }) =>
    void git(app, 'fetch', '-q', '--depth=1', `file://${upstream.url}`, 'master'),
}

/** What chance seldom brings: HEAD moves and no ref does; a setting turns the order of two tags of one day round. */
const rare: readonly [string[], 'dev' | 'beta'][] = [
  [['forwards', 'a detached head', 'backwards', 'backwards', 'the branch again'], 'dev'],
  [
    [
      'a candidate upstream',
      'a commit upstream',
      'a release upstream',
      'nothing',
      'other words for versions',
    ],
    'beta',
  ],
]

const happen = (place: Place, name: string, number: number): void => {
  try {
    events[name]?.(place, number)
  } catch {
    // There was no tag to delete, no commit to go back to.
  }
}

test('a look that remembers sees what a look that does not remember sees', async (t) => {
  const event = fc.tuple(fc.constantFrom(...Object.keys(events)), fc.nat(3), fc.boolean())
  const channel = fc.constantFrom('dev' as const, 'stable' as const, 'beta' as const)
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 9 }), channel, async (happened, wanted) => {
      const place = await makePlace(t)
      const remembering = updaterAt(place, { channel: wanted })
      for (const [name, number, remote] of happened) {
        happen(place, name, number)
        const fresh = updaterAt(place, { channel: wanted })
        fresh.restore(remembering.saved())
        await look(remembering, remote)
        await look(fresh, remote)
        assert.deepEqual(remembering.saved(), fresh.saved(), name)
      }
    }),
    {
      numRuns: 12,
      examples: rare.map(([names, wanted]): [[string, number, boolean][], 'dev' | 'beta'] => [
        names.map((name) => [name, 0, true]),
        wanted,
      ]),
    },
  )
})

/** Commands that are written down. */
const noted = async (asked: string[]): Promise<Commands> => {
  const real = await realCommands()
  return {
    run: (argv, options) => {
      asked.push(argv.join(' '))
      return real.run(argv, options)
    },
  }
}

test('histories are not read again when nothing has changed, but after an hour they are', async (t) => {
  const asked: string[] = []
  let now = 1_000_000
  const { outside } = await makePlace(t)
  const clock = { ...outside.clock, now: () => now }
  const place = await makePlace(t, { commands: await noted(asked), clock })
  const updater = updaterAt(place, {})
  const historiesRead = async (): Promise<number> => {
    asked.length = 0
    await look(updater, true)
    return asked.filter((line) => / (?:log|describe|rev-list) /.test(line)).length
  }
  assert.equal(await historiesRead(), 3)
  assert.equal(await historiesRead(), 0)
  assert.equal(updater.status()?.commits_behind_count, 3)
  now += 3_600_000
  assert.equal(await historiesRead(), 3)
})
