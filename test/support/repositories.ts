import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const env = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A Person',
  GIT_AUTHOR_EMAIL: 'person@example.invalid',
  // Fixed, so that the same history has the same commits everywhere.
  GIT_AUTHOR_DATE: '2024-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2024-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'A Person',
  GIT_COMMITTER_EMAIL: 'person@example.invalid',
}

/** Real git, as a person would run it in a folder. */
export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

/** Writes files (null removes) and commits them. */
export const commit = (
  folder: string,
  message: string,
  contents: Readonly<Record<string, string | null>>,
): string => {
  for (const [name, text] of Object.entries(contents)) {
    const file = path.join(folder, name)
    if (text === null) {
      git(folder, 'rm', '-q', '--', name)
      continue
    }
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  git(folder, 'add', '-A')
  git(folder, 'commit', '-q', '--allow-empty', '-m', message)
  return git(folder, 'rev-parse', 'HEAD')
}

export interface Upstream {
  /** The bare repository that is cloned from. */
  readonly url: string
  /** A checkout of it, to add commits in. */
  readonly seed: string
  readonly publish: () => void
}

/**
 * An upstream with a history: v1.0.0, two commits, v1.1.0, one commit. The later versions add, change, move and
 * remove files, so that a half done switch is seen.
 */
export const makeUpstream = (folder: string): Upstream => {
  const seed = path.join(folder, 'seed')
  const url = path.join(folder, 'upstream.git')
  mkdirSync(seed, { recursive: true })
  git(seed, 'init', '-q', '-b', 'master')
  commit(seed, 'first', {
    'app.py': 'print("one")\n',
    'README.md': '# app\n',
    'lib/stays.py': 'stays = 1\n',
    'lib/goes.py': 'goes = 1\n',
    'conf/defaults.cfg': 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 1\n',
    '.gitignore': '*.pyc\nenv/\n',
  })
  git(seed, 'tag', '-a', '-m', 'v1.0.0', 'v1.0.0')
  commit(seed, 'second: with a <b>tag</b>', { 'app.py': 'print("two")\n', 'new/deep/file.py': 'new = 1\n' })
  commit(seed, 'third', {
    'lib/goes.py': null,
    'big.txt': 'line\n'.repeat(2000),
    'run.sh': '#!/bin/sh\necho run\n',
  })
  git(seed, 'tag', 'v1.1.0')
  commit(seed, 'fourth', {
    'app.py': 'print("four")\n',
    'conf/defaults.cfg': 'speed: 2\nheat: 1\nlight: 1\nsound: 1\nhome: 1\n',
  })
  git(folder, 'clone', '-q', '--bare', seed, url)
  git(seed, 'remote', 'add', 'origin', url)
  return { url, seed, publish: () => git(seed, 'push', '-q', '--tags', '-f', 'origin', 'master') }
}

/** A clone of the upstream at some commit of its branch. */
export const checkoutAt = (upstream: Upstream, folder: string, ref: string): string => {
  git(path.dirname(folder), 'clone', '-q', upstream.url, folder)
  git(folder, 'reset', '-q', '--hard', ref)
  return folder
}
