import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TestContext } from 'node:test'
import { Daemon, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'

const whole = process.env['MOONKEEPER_WHOLE_SUITE'] === '1'
const preload = ['--import', pathToFileURL(path.join(projectRoot, 'test/support/kill-at.mjs')).href]

export interface Kill {
  /** The Nth point of the daemon's own work; 0: never. */
  readonly at: number
  /** The Nth file that git checks out; 0: never. */
  readonly checkout: number
}

/** Where the copy of the fixture is that is worked on. */
export const visible = (folder: string): string => path.join(folder, 'machine')

/** A filter through which git writes every file; at the Nth it kills the daemon and goes on. */
const checkoutFilter = (folder: string, nth: number): Record<string, string> => {
  const script = path.join(folder, 'filter.sh')
  const count = path.join(folder, 'filtered')
  const lines = [
    '#!/bin/sh',
    `if [ -f '${folder}/armed' ]; then n=$(($(cat '${count}') + 1)); echo $n > '${count}'; else n=0; fi`,
    `[ "$n" = ${nth} ] && kill -9 "$(cat '${folder}/pid')"`,
    'exec cat',
  ]
  writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o755 })
  writeFileSync(count, '0\n')
  const attributes = path.join(folder, 'attributes')
  writeFileSync(attributes, '* filter=kill\n')
  const config = path.join(folder, 'gitconfig')
  writeFileSync(
    config,
    `[core]\n\tattributesFile = ${attributes}\n[filter "kill"]\n\tsmudge = ${script}\n\tclean = cat\n`,
  )
  return { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: '1' }
}

const linesOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

/**
 * Asks for something in the machine that is there, and kills the daemon as told.
 * @param more for its environment
 * @returns how many points there were
 */
export const killDuring = async (
  folder: string,
  kill: Kill,
  ready: (daemon: Daemon) => Promise<unknown>,
  { method, params }: { readonly method: string; readonly params: object },
  more: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const armed = path.join(folder, 'armed')
  const counted = path.join(folder, 'points')
  const env = { KILL_AT: String(kill.at), KILL_ARM_FILE: armed, KILL_COUNT_FILE: counted }
  const filter = kill.checkout > 0 ? checkoutFilter(folder, kill.checkout) : {}
  const daemon = new Daemon(path.join(visible(folder), 'data'), { ...env, ...filter, ...more }, preload)
  writeFileSync(path.join(folder, 'pid'), `${daemon.pid}\n`)
  await ready(daemon)
  writeFileSync(armed, '')
  await daemon.ask(method, params)
  if (daemon.alive && kill.at === 0 && kill.checkout === 0) daemon.kill('SIGTERM')
  else if (daemon.alive) daemon.kill('SIGKILL')
  await daemon.end()
  return linesOf(counted)
}

/** Starts again; killed once more at the Nth point (0: when it is `ready`). @returns how many points there were */
export const killRecovering = async (
  folder: string,
  at: number,
  ready: (daemon: Daemon) => Promise<unknown>,
): Promise<number> => {
  const counted = path.join(folder, 'recovery-points')
  const env = { KILL_AT: String(at), KILL_COUNT_FILE: counted }
  const daemon = new Daemon(path.join(visible(folder), 'data'), env, preload)
  await ready(daemon)
  if (daemon.alive) daemon.kill('SIGKILL')
  await daemon.end()
  return linesOf(counted)
}

/** What the status says of the application `app`. */
export const entryOf = (answer: { result?: unknown } | null): Record<string, unknown> | undefined =>
  (answer?.result as { version_info?: Record<string, Record<string, unknown>> } | undefined)?.version_info?.[
    'app'
  ]

/** The first look is over, so that operations are answered. */
export const ready = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'app' })

/** Starts again; killed once more in its recovery at the Nth point (0: not). @returns how many points there were */
export const startAgain = (folder: string, at: number): Promise<number> =>
  killRecovering(folder, at, async (daemon) => {
    if (at === 0) await daemon.askUntil('machine.update.status', (answer) => entryOf(answer) !== undefined)
    else await ready(daemon)
  })

/** All of 1 to `most` in the whole suite, else so many of them, evenly. */
export const spread = (most: number, wanted: number): number[] => {
  if (whole || most <= wanted) return Array.from({ length: most }, (_, index) => index + 1)
  return Array.from({ length: wanted }, (_, index) => 1 + Math.floor((index * (most - 1)) / (wanted - 1)))
}

/** In a folder of its own, which is gone at once; a failure tells where the kill was. */
export const tryOnce = async (
  t: TestContext,
  name: string,
  work: (folder: string) => Promise<void>,
): Promise<void> => {
  const folder = await temporaryFolder(t)
  try {
    await work(folder)
  } catch (thrown) {
    throw new Error(`killed ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      cause: thrown,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
