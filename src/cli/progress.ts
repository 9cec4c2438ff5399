import type { CliIo } from './io.js'
import { columnsOf } from './io.js'
import { fit, oneLine, printable } from './terminal-text.js'

/** `Receiving objects:  42% (5/12)` of git, with or without `remote: ` before it. */
const gitPercentage = /^(?:remote: )?[A-Z][a-z ]+:\s+\d{1,3}%(?!.*, done\.$)/
/** `Downloading X: 1 KiB / 2 KiB [50%]` */
const downloadPercentage = /^.*\bDownloading .*\[\s*\d{1,3}%\]$/

/** A line that is only worth reading until the next one. */
const isTransient = (line: string): boolean => gitPercentage.test(line) || downloadPercentage.test(line)

const frames = ['|', '/', '-', '\\']
const frameTime = 120
const clearLine = '\r\x1b[2K'

/**
 * What goes on, line by line. On a terminal the last line shows a spinner with what passes by quickly, and is
 * overwritten in place; elsewhere every line is a plain line.
 */
export class ProgressView {
  private passing = ''
  private frame = 0
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly io: CliIo) {}

  /** Shows that something is awaited. */
  begin(waitingFor: string): void {
    if (!this.io.terminal) return
    this.passing = oneLine(waitingFor)
    this.draw()
    this.timer = setInterval(() => this.draw(), frameTime)
  }

  /**
   * A line from the server; it may hold anything.
   * @param last true when it is to stay, whatever it looks like
   */
  say(message: string, last = false): void {
    for (const line of printable(message).split('\n')) this.sayLine(line.trimEnd(), last)
  }

  /** Nothing more comes: the spinner goes. */
  end(): void {
    if (this.timer === undefined) return
    clearInterval(this.timer)
    this.timer = undefined
    this.io.out(clearLine)
  }

  private sayLine(line: string, last: boolean): void {
    if (this.timer === undefined) return this.io.out(`${line}\n`)
    const transient = !last && isTransient(line)
    this.passing = transient ? line : ''
    if (!transient) this.io.out(`${clearLine}${line}\n`)
    this.draw()
  }

  private draw(): void {
    this.frame = (this.frame + 1) % frames.length
    // One column stays free: a full line would wrap, and could not be overwritten.
    this.io.out(
      `${clearLine}${fit(`${frames[this.frame]} ${this.passing}`.trimEnd(), columnsOf(this.io) - 1)}`,
    )
  }
}
