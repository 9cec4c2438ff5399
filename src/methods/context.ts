import type { Access } from '../access/access.js'
import type { Agents } from '../agents/agents.js'
import type { Announcements } from '../announcements/announcements.js'
import type { Connection } from '../contract/connection.js'
import { MoonkeeperError } from '../contract/error.js'
import type { DoctorReport, MethodMap, MethodName } from '../contract/generated/types.js'
import type { Caller } from '../contract/requester.js'
import type { Serialized } from '../contract/serialized.js'
import type { Transport } from '../contract/tables.js'
import type { Backups } from '../database/backups.js'
import type { Database } from '../database/database.js'
import type { Items } from '../database/items.js'
import type { Engine } from '../engine/engine.js'
import type { ImageMaker } from '../images/maker.js'
import type { Images } from '../images/images.js'
import type { Klipper } from '../klippy/klipper.js'
import type { Printer } from '../klippy/printer.js'
import type { FileRoots } from '../roots/file-roots.js'
import type { Webcams } from '../webcams/webcams.js'
import type { Machine } from '../machine/machine.js'

/** What server.* answers from. */
export interface ServerFacts {
  info(raw: boolean): MethodMap['server.info']['result']
  config(): MethodMap['server.config']['result']
  /** What is told to those who take this for OctoPrint; null without [octoprint_compat]: they find nothing then. */
  octoprint(): { readonly version: string; readonly ready: boolean } | null
  /**
   * The restart begins a tenth of a second after this resolved, so that the answer is out before.
   * @throws refused, with file and line, when the configuration could not be used: then the daemon goes on as it is
   */
  restart(): Promise<void>
}

/** What server.database.* answers from. */
export interface DatabaseFacts {
  readonly store: Database
  readonly items: Items
  readonly backups: Backups
}

/** The logs of this server and of Klipper. */
export interface Logs {
  /**
   * Begins new ones.
   * @param application moonraker or klipper; null: both
   * @throws refused for another name; what fails of one of them is in the result
   */
  rollOver(application: string | null): Promise<MethodMap['server.logs.rollover']['result']>
}

/** What machine.update.images.* answers from. */
export type ImageDesk = Pick<Images, 'list' | 'get' | 'delete' | 'fetch' | 'receive'>

/** What machine.update.doctor asks. */
export interface DoctorDesk {
  /** @param fix repairs what is safe, too. @throws busy, recovery_while_printing, printer_unknown when it may not */
  examine(fix: boolean): Promise<DoctorReport>
}

/** What makes images of what is installed here. */
export type ImageWorkshop = Pick<ImageMaker, 'build' | 'open'>

/** The one application context, built in app.ts. */
export interface AppContext {
  readonly engine: Engine
  readonly printer: Printer
  readonly klipper: Klipper
  readonly logs: Logs
  readonly server: ServerFacts
  readonly database: DatabaseFacts
  readonly files: FileRoots
  readonly images: ImageDesk
  readonly imageMaker: ImageWorkshop
  readonly webcams: Webcams
  readonly announcements: Announcements
  readonly agents: Agents
  readonly access: Access
  readonly machine: Machine
  readonly doctor: DoctorDesk
}

/** One request: through which door it came, and from whom. */
export interface Call {
  readonly app: AppContext
  readonly transport: Transport
  /** null over HTTP. */
  readonly connection: Connection | null
  /** Who asks: looked at before the method is. */
  readonly caller: Caller
  /** The API that was spoken, where it is not Moonraker's. */
  readonly dialect?: string
}

/** The caller's connection. @throws method_not_found for a request that came without one (HTTP) */
export const lastingConnection = ({ connection }: Call): Connection => {
  if (connection !== null) return connection
  throw new MoonkeeperError('method_not_found', 'Method not found for transport HTTP')
}

export type Result<M extends MethodName> = MethodMap[M]['result']

export type Handler<M extends MethodName> = (
  params: MethodMap[M]['params'],
  call: Call,
) => Promise<Result<M> | Serialized<Result<M>>>

/**
 * A method: a handler, and what is checked before its parameters are.
 * compat: an update is refused while printing before its name is looked at.
 */
export interface Method<M extends MethodName> {
  /** @param given the arguments as they came: nothing is known of them yet */
  readonly before?: (call: Call, given: Readonly<Record<string, unknown>>) => void | Promise<void>
  readonly handle: Handler<M>
}

/** Total over the schemas: a method without a handler does not compile. */
export type Methods = { readonly [M in MethodName]: Method<M> }
