import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createSecureContext } from 'node:tls'
import { asMoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { watchFiles, type Watch } from '../system/watch.js'
import type { HttpDoor } from '../transport/http.js'
import { bind } from '../transport/listener.js'
import type { WebSocketDoor } from '../transport/websocket.js'
import type { Notices } from './notices.js'

/** What TLS is served with, and where. */
export interface SecureOptions {
  readonly host: string
  readonly port: number
  /** The port without TLS. */
  readonly plainPort: number
  /** Both PEM: a certificate with its chain, and its key. */
  readonly certificate: string
  readonly key: string
  readonly maxConnections: number
}

interface Pair {
  readonly cert: string
  readonly key: string
}

const noticeKey = 'tls'

/**
 * HTTPS beside HTTP, as soon as there are a certificate and its key, and with those that are there: what comes anew is used
 * without a restart. A pair that does not fit changes nothing; that is also what it looks like while it is being replaced.
 */
export class SecurePort {
  private server: ReturnType<HttpDoor['secure']> | null = null
  private watch: Watch | null = null
  private turn: Promise<void> = Promise.resolve()
  private stopped = false

  constructor(
    private readonly http: HttpDoor,
    private readonly webSocket: WebSocketDoor,
    private readonly options: SecureOptions,
    private readonly files: Files,
    private readonly notices: Notices,
    private readonly log: Log,
  ) {}

  /** @returns null while TLS is not served */
  get address(): AddressInfo | null {
    return this.server?.listening === true ? (this.server.address() as AddressInfo) : null
  }

  async start(): Promise<void> {
    const { certificate, key } = this.options
    await this.makeFolders()
    await this.look()
    this.watch = await watchFiles(
      [certificate, key],
      () => void this.look(),
      (err) => this.log.warn({ err }, 'certificates are not watched any more'),
    )
    // What came while the watch was set up.
    await this.look()
  }

  /** The door closes the port. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.turn
    await this.watch?.close()
  }

  /** compat: so that there is a place to put them, and one to watch. */
  private async makeFolders(): Promise<void> {
    const { certificate, key } = this.options
    for (const file of [certificate, key])
      await this.files
        .makeFolder(path.dirname(file))
        .catch((err: unknown) => this.log.debug({ err }, 'no folder for certificates'))
  }

  private look(): Promise<void> {
    this.turn = this.turn.then(async () => {
      if (this.stopped) return
      const problem = await this.use().catch((thrown: unknown) => asMoonkeeperError(thrown).message)
      this.notices.set(noticeKey, ...(problem === null ? [] : [problem]))
    })
    return this.turn
  }

  /** @returns what people must know of */
  private async use(): Promise<string | null> {
    const pair = await this.read()
    if (pair === null) return null
    const { port, plainPort } = this.options
    if (port === plainPort && port !== 0)
      // compat: Moonraker's words.
      return (
        "Failed to start HTTPS server.  Server options 'port' and 'ssl_port' match, both set to " +
        `${port}.  Modify the configuration to use different ports.`
      )
    const problem = problemOf(pair)
    if (problem !== null) return this.unfit(problem)
    if (this.server === null) return this.open(pair)
    this.server.setSecureContext(pair)
    return null
  }

  private async read(): Promise<Pair | null> {
    const { certificate, key } = this.options
    const [cert, secret] = await Promise.all([this.files.readText(certificate), this.files.readText(key)])
    return cert === null || secret === null ? null : { cert, key: secret }
  }

  private unfit(problem: string): string {
    const { certificate, key } = this.options
    const kept =
      this.server === null ? 'HTTPS is not served' : 'HTTPS goes on with those that were there before'
    return `The certificate ${certificate} and the key ${key} cannot be used (${problem}): ${kept}. Replace them`
  }

  private async open(pair: Pair): Promise<string | null> {
    const { host, port, maxConnections } = this.options
    const server = this.http.secure(pair)
    this.webSocket.attach(server)
    server.maxConnections = maxConnections
    server.on('tlsClientError', (err) => this.log.debug({ err }, 'a TLS handshake failed'))
    try {
      await bind(server, host, port)
    } catch (thrown) {
      return `Failed to start HTTPS server: ${asMoonkeeperError(thrown).message}`
    }
    server.on('error', (err) => this.log.warn({ err }, 'a connection could not be accepted'))
    this.server = server
    return null
  }
}

/** The words of OpenSSL; null when the pair fits. */
const problemOf = (pair: Pair): string | null => {
  try {
    // An empty certificate would be taken for none.
    const fits = new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))
    if (!fits) return 'the key belongs to another certificate'
    createSecureContext(pair)
    return null
  } catch (thrown) {
    return asMoonkeeperError(thrown).message
  }
}
