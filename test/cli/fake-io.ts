import { runCli } from '../../src/cli/index.js'
import type { CliIo } from '../../src/cli/io.js'

export interface Recorded {
  readonly io: CliIo
  readonly out: () => string
  readonly err: () => string
  /** Resolves when standard output holds the text. */
  readonly shows: (text: string) => Promise<void>
  readonly interrupt: () => void
}

/** A process that keeps what is written. */
export const recordedIo = (cwd: string, overrides: Partial<CliIo> = {}): Recorded => {
  const controller = new AbortController()
  const written = { out: '', err: '' }
  const waiting = new Map<string, () => void>()
  const out = (text: string): void => {
    written.out += text
    for (const [awaited, resolve] of waiting) if (written.out.includes(awaited)) resolve()
  }
  const io: CliIo = {
    out,
    err: (text) => {
      written.err += text
    },
    terminal: false,
    columns: 80,
    colour: false,
    home: cwd,
    cwd,
    env: {},
    signal: controller.signal,
    pid: process.pid,
    root: process.getuid?.() === 0,
    kill: (pid, signal) => process.kill(pid, signal),
    version: '1.2.3',
    ...overrides,
  }
  return {
    io,
    out: () => written.out,
    err: () => written.err,
    shows: (text) =>
      new Promise((resolve) => {
        if (written.out.includes(text)) resolve()
        else waiting.set(text, resolve)
      }),
    interrupt: () => controller.abort(),
  }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command to its end. */
export const run = async (
  cwd: string,
  args: readonly string[],
  overrides: Partial<CliIo> = {},
): Promise<Ran> => {
  const recorded = recordedIo(cwd, overrides)
  const code = await runCli(args, recorded.io)
  return { code, out: recorded.out(), err: recorded.err() }
}

/**
 * What stands on a terminal after this was written to it.
 * @throws Error for any sequence but "clear this line"
 */
export const screenAfter = (written: string): readonly string[] => {
  const lines = ['']
  for (const part of written.split(/(\r\x1b\[2K|\n)/)) {
    if (part === '\n') lines.push('')
    else if (part === '\r\x1b[2K') lines[lines.length - 1] = ''
    else if (/[\x00-\x1f\x7f-\x9f]/.test(part))
      throw new Error(`a control character in ${JSON.stringify(part)}`)
    else lines[lines.length - 1] += part
  }
  return lines
}
