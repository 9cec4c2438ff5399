import { activities, download, unknownPercentage, waiting, working } from './packagekit-codes.js'
import type { DBusSignal } from '../../system/dbus.js'
import type { PackageContext } from './provider.js'

/** `name;version;architecture;data`: what PackageKit calls a package. */
export interface KitPackage {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Where it comes from, as far as PackageKit tells. */
  readonly source: string
  /** PkInfoEnum: what is told of it. */
  readonly info: number
}

/** @param about PkInfoEnum; newer ones tell in its upper half how much an update matters */
export const readId = (id: string, about: number): KitPackage => {
  const [name = '', version = '', architecture = '', data = ''] = id.split(';')
  // apt's are `ORIGIN-ARCHIVE-SECTION`; of what is installed whether it was asked for comes before.
  const source = data.replace(/^\+?(?:auto|manual):/, '').replace(/-$/, '')
  return { id, name, version, architecture, source, info: about & 0xffff }
}

/** How one ended. */
export interface KitEnd {
  /** PkExitEnum. */
  readonly exit: number
  /** Seconds that it took. */
  readonly seconds: number
}

const valueOf = (variant: unknown): unknown => (variant as { readonly value?: unknown } | undefined)?.value

const sizeWords = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1_048_576 ? `${Math.floor(bytes / 1024)} KiB` : `${Math.floor(bytes / 1_048_576)} MiB`
}

/** Hears one transaction of PackageKit from its beginning to its end, and tells people of it. */
export class KitTransaction {
  readonly packages: KitPackage[] = []
  /** Bytes by package id, of GetDetails. */
  readonly sizes = new Map<string, number>()
  /** Sources of which something arrived: `URI SUITE`. */
  readonly sources = new Set<string>()
  error: { readonly code: number; readonly text: string } | null = null
  /** When it was heard of last. */
  heardAt: number
  private status = 0
  private percentage = unknownPercentage
  private remaining = 0
  private said = ''
  private done = 0
  private readonly items = new Map<string, number>()
  private end: (end: KitEnd | null) => void = () => undefined
  /** null: the daemon went away, and nothing more is heard. */
  readonly ended = new Promise<KitEnd | null>((resolve) => (this.end = resolve))

  /** @param expected how many packages are to be changed; 0: not known */
  constructor(
    private readonly say: PackageContext['say'],
    private readonly now: () => number,
    private readonly expected = 0,
  ) {
    this.heardAt = now()
  }

  readonly lost = (): void => this.end(null)

  readonly hear = ({ member, body }: DBusSignal): void => {
    this.heardAt = this.now()
    this.handlers[member]?.(...body)
  }

  private readonly handlers: Readonly<Record<string, (...body: readonly unknown[]) => void>> = {
    Package: (about, id) => this.hearPackage(Number(about), String(id)),
    ItemProgress: (id, _status, percent) => this.hearItem(String(id), Number(percent)),
    ErrorCode: (code, text) => (this.error = { code: Number(code), text: String(text) }),
    RepoDetail: (_id, description, enabled) => {
      const text = String(description)
      if (enabled === true) this.sources.add(text.split(' ').slice(0, 2).join(' '))
      this.tell(`GET: ${text}`)
    },
    Details: (details) => this.hearDetails(details as Readonly<Record<string, unknown>>),
    PropertiesChanged: (_interface, changed) => this.hearChange(changed as Readonly<Record<string, unknown>>),
    Finished: (exit, milliseconds) => this.end({ exit: Number(exit), seconds: Number(milliseconds) / 1000 }),
  }

  private hearPackage(about: number, id: string): void {
    const heard = readId(id, about)
    this.packages.push(heard)
    const activity = activities[heard.info]
    if (activity !== undefined) this.tell(`${activity}: ${heard.name} (${heard.version})`)
  }

  /** What it unpacks counts to the half, what it configures to the whole; it begins again from 0 in between. */
  private hearItem(id: string, percent: number): void {
    this.items.set(id, Math.max(this.items.get(id) ?? 0, Math.min(percent, 100)))
  }

  private hearDetails(details: Readonly<Record<string, unknown>>): void {
    // Newer ones tell what is still to be downloaded.
    const size = valueOf(details['download-size']) ?? valueOf(details['size'])
    this.sizes.set(String(valueOf(details['package-id'])), Number(size ?? 0))
  }

  private hearChange(changed: Readonly<Record<string, unknown>>): void {
    const status = valueOf(changed['Status'])
    const percentage = valueOf(changed['Percentage'])
    const remaining = valueOf(changed['DownloadSizeRemaining'])
    if (remaining !== undefined) this.remaining = Number(remaining)
    if (typeof status === 'number') this.hearStatus(status)
    if (typeof percentage === 'number') this.hearPercentage(percentage)
  }

  private hearStatus(status: number): void {
    // What is downloaded and what is installed are two ways to go.
    if (status !== this.status && [status, this.status].includes(download)) this.done = 0
    this.status = status
    const reason = waiting[status]
    // It waits a moment for itself at each beginning: only another program is worth a word.
    if (reason !== undefined && status !== 1) this.tell(reason)
  }

  private hearPercentage(percentage: number): void {
    const work = working[this.status]
    if (work === undefined) return
    this.percentage = percentage
    if (percentage >= unknownPercentage) return
    const rest =
      this.status === download && this.remaining > 0 ? `, Remaining: ${sizeWords(this.remaining)}` : ''
    this.tell(`${work}...${percentage}%${rest}`)
  }

  /** Of the whole, where PackageKit tells; else as much as it told of each package. It never goes back. */
  private get fraction(): number | undefined {
    const parts = [...this.items.values()]
    const known = this.percentage < unknownPercentage
    if (!known && parts.length === 0) return undefined
    const count = Math.max(parts.length, this.expected)
    const now = known ? this.percentage : parts.reduce((sum, part) => sum + part, 0) / count
    this.done = Math.max(this.done, now / 100)
    return this.done
  }

  /** The same twice says nothing. */
  private tell(text: string): void {
    if (text === this.said) return
    this.said = text
    this.say(text, this.fraction)
  }
}
