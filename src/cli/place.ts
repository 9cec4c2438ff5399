import path from 'node:path'
import { loadConfiguration, type Locations } from '../config/index.js'
import { asMoonkeeperError } from '../contract/error.js'
import { systemFiles } from '../system/files.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'

/** Where a server is spoken to. */
export type Endpoint =
  { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'websocket'; readonly url: string }

/** The options that say where. */
export interface PlaceOptions {
  readonly datapath?: string | undefined
  readonly unixsocket?: string | undefined
  readonly url?: string | undefined
  /** Holds the API key: a key on the command line could be read by every user of the machine. */
  readonly 'api-key-file'?: string | undefined
}

/** For messages. */
export const describe = (endpoint: Endpoint): string =>
  endpoint.kind === 'unix' ? `the Unix socket ${endpoint.path}` : endpoint.url

const socketOf = (dataPath: string): string => path.join(dataPath, 'comms', 'moonraker.sock')

/** A path as the user means it. */
export const absolute = (given: string, io: CliIo): string => {
  const atHome = given === '~' || given.startsWith('~/')
  return path.resolve(io.cwd, atHome ? path.join(io.home, given.slice(1)) : given)
}

const isSocket = async (file: string): Promise<boolean> => {
  try {
    return (await systemFiles.stat(file))?.isSocket() === true
  } catch {
    // A folder that may not be looked into is none of ours.
    return false
  }
}

/** -d, else $MOONRAKER_DATA_PATH, else ./printer_data when something serves it, else ~/printer_data. */
const dataPathOf = async (options: PlaceOptions, io: CliIo): Promise<string> => {
  if (options.datapath !== undefined) return absolute(options.datapath, io)
  const named = io.env['MOONRAKER_DATA_PATH']
  if (named !== undefined && named !== '') return absolute(named, io)
  const here = path.join(io.cwd, 'printer_data')
  return (await isSocket(socketOf(here))) ? here : path.join(io.home, 'printer_data')
}

const webSocketUrl = (given: string): string => {
  const badUrl = (cause: unknown): CliFailure =>
    new CliFailure(exitCodes.usage, `'${given}' is not an address. Write --url http://host:port`, cause)
  let url: URL
  try {
    url = new URL(given)
  } catch (cause) {
    throw badUrl(cause)
  }
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) throw badUrl(null)
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  const prefix = url.pathname.replace(/\/+$/, '').replace(/\/websocket$/, '')
  return `${secure ? 'wss' : 'ws'}://${url.host}${prefix}/websocket`
}

/**
 * compat: serve knows $MOONRAKER_UDS_PATH and $MOONRAKER_LOG_PATH too; what is given with -d or -u wins.
 * @throws CliFailure (usage) when the options say two things, or an address is none
 */
export const endpointOf = async (options: PlaceOptions, io: CliIo): Promise<Endpoint> => {
  if (options.url !== undefined) {
    if (options.unixsocket !== undefined || options.datapath !== undefined) {
      throw new CliFailure(exitCodes.usage, 'Give either --url, or a Unix socket (-u) or data folder (-d).')
    }
    return { kind: 'websocket', url: webSocketUrl(options.url) }
  }
  if (options['api-key-file'] !== undefined)
    throw new CliFailure(
      exitCodes.usage,
      'The Unix socket needs no API key. Give --api-key-file with --url only.',
    )
  const named =
    options.unixsocket ?? (options.datapath === undefined ? io.env['MOONRAKER_UDS_PATH'] : undefined)
  if (named !== undefined && named !== '') return { kind: 'unix', path: absolute(named, io) }
  return { kind: 'unix', path: socketOf(await dataPathOf(options, io)) }
}

/** Where the daemon on this data folder writes its log. */
export const logFileOf = async (options: PlaceOptions, io: CliIo): Promise<string> => {
  const named = options.datapath === undefined ? io.env['MOONRAKER_LOG_PATH'] : undefined
  if (named !== undefined && named !== '') return absolute(named, io)
  return path.join(await dataPathOf(options, io), 'logs', 'moonkeeper.log')
}

/** Where the daemon on this data folder keeps its own things. */
export interface KeptData {
  readonly folder: string
  /** Why the configuration could not be asked for it; null when it could. */
  readonly doubt: string | null
}

/** Where the configuration is, as serve would find it. */
export const configurationOf = async (options: PlaceOptions, io: CliIo): Promise<Locations> => {
  const dataPath = await dataPathOf(options, io)
  const named = options.datapath === undefined ? io.env['MOONRAKER_CONFIG_PATH'] : undefined
  const configFile =
    named === undefined || named === ''
      ? path.join(dataPath, 'config', 'moonraker.conf')
      : absolute(named, io)
  return { configFile, dataPath, homeFolder: io.home }
}

/** [moonkeeper] data; where the configuration cannot be read, the folder that is meant without one. */
export const keptDataOf = async (options: PlaceOptions, io: CliIo): Promise<KeptData> => {
  const locations = await configurationOf(options, io)
  try {
    const { moonkeeper } = await loadConfiguration(locations)
    return { folder: moonkeeper.data, doubt: null }
  } catch (thrown) {
    const folder = path.join(locations.dataPath, 'moonkeeper')
    return { folder, doubt: asMoonkeeperError(thrown).message }
  }
}
