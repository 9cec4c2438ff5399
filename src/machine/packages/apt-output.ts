import type { PackageContext } from './provider.js'

/** README.progress-reporting of apt: `pmstatus:PACKAGE:PERCENT:TEXT`, `pmerror:...`, `dlstatus:NUMBER:PERCENT:TEXT`. */
const status = /^(dlstatus|pmstatus|pmerror|pmconffile|media-change):([^:]*(?::[a-z0-9]+)?):([\d.]+):(.*)$/

/** The same of dpkg: `status: PACKAGE : error : TEXT`. dpkg(1), --status-fd. */
const dpkgStatus = /^(?:processing: .*|status: (\S+?) ?: (\S+)(?: : (.*))?)$/

export interface PackageFailure {
  readonly name: string
  readonly reason: string
}

/** What apt-get says while it works: lines for people, its Status-Fd between them, and what failed. */
export class AptOutput {
  /** Everything that is no status. */
  readonly lines: string[] = []
  readonly failures: PackageFailure[] = []
  private fraction: number | undefined
  private installing = false

  /** @param quietUntilDpkg true when all that apt says before it calls dpkg was said before */
  constructor(
    private readonly say: PackageContext['say'],
    private readonly quietUntilDpkg: boolean,
  ) {}

  readonly take = (line: string): void => {
    const [found, kind, name = '', percent = '', text = ''] = status.exec(line) ?? []
    if (found === undefined) return this.takeOther(line)
    this.fraction = Math.min(1, Number(percent) / 100)
    if (kind === 'pmstatus') this.installing = true
    if (kind === 'pmerror') this.failures.push({ name, reason: text })
  }

  get text(): string {
    return this.lines.join('\n')
  }

  private takeOther(line: string): void {
    const [found, name = '', state, reason = ''] = dpkgStatus.exec(line) ?? []
    if (found === undefined) return this.tell(line)
    this.installing = true
    if (state === 'error') this.failures.push({ name, reason })
  }

  private tell(line: string): void {
    const text = line.trim()
    this.lines.push(line.trimEnd())
    if (text === '' || text === 'Download complete and in download only mode') return
    if (this.quietUntilDpkg && !this.installing && !/^[EW]: /.test(text)) return
    this.say(text, this.fraction)
  }
}
