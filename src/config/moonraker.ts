import path from 'node:path'
import { hoursProblem } from './checks.js'
import { expandHome } from './paths.js'
import { SectionReader, type ReaderSetup } from './section-reader.js'
import { readSecrets } from './secrets.js'
import type { TemplateContext } from './template.js'

/**
 * Reads [secrets], and what it leads to.
 * @returns the reader, and what templates may name
 */
export const readSecretsOf = async (
  setup: ReaderSetup,
  dataPath: string,
  homeFolder: string,
): Promise<{ reader: SectionReader<'secrets'>; templates: TemplateContext; files: readonly string[] }> => {
  const reader = new SectionReader('secrets', 'secrets', setup)
  reader.readLeniently()
  const written = reader.finish().secrets_path
  const configured = written === undefined ? null : path.resolve(dataPath, expandHome(written, homeFolder))
  const usual = path.join(dataPath, 'moonraker.secrets')
  const { values, warning } = await readSecrets(usual, configured)
  if (warning !== null) setup.warn(warning)
  const files = configured === null ? [usual] : [usual, configured]
  return { reader, templates: { data_path: dataPath, secrets: values }, files }
}

/** As it stands before the paths of requests. @throws refused */
const readPrefix = (reader: SectionReader<'server'>): void => {
  const written = reader.read('route_prefix')
  if (written === undefined) return
  const parts = written.split('/').filter((part) => part !== '')
  if (parts.length === 0) throw reader.fault('route_prefix', 'must name a path such as /printer1')
  reader.set('route_prefix', parts.map((part) => `/${encodeURIComponent(part)}`).join(''))
}

/** @throws refused: a server that listens elsewhere than it was told to helps nobody */
export const readServer = (setup: ReaderSetup, homeFolder: string): SectionReader<'server'> => {
  const reader = new SectionReader('server', 'server', setup)
  // compat: every address, IPv4 and IPv6
  if (reader.read('host') === 'all') reader.set('host', '::')
  reader.read('port')
  reader.read('ssl_port')
  reader.read('enable_debug_logging')
  const socket = path.resolve('/', expandHome(reader.read('klippy_uds_address') ?? '', homeFolder))
  reader.set('klippy_uds_address', socket)
  reader.read('max_upload_size')
  reader.read('ssl_certificate_path')
  reader.read('ssl_key_path')
  readPrefix(reader)
  reader.read('max_websocket_connections')
  return reader
}

export const readMachine = (setup: ReaderSetup): SectionReader<'machine'> => {
  const reader = new SectionReader('machine', 'machine', setup)
  reader.readLeniently(['supervisord_config_path'])
  if (reader.finish().provider === 'supervisord_cli') reader.read('supervisord_config_path')
  return reader
}

export const readAnnouncements = (setup: ReaderSetup): SectionReader<'announcements'> => {
  const reader = new SectionReader('announcements', 'announcements', setup)
  reader.readLeniently()
  return reader
}

const webcamPrefix = 'webcam '

/** Each [webcam NAME]; one without an address is a warning. */
export const readWebcams = (setup: ReaderSetup): readonly SectionReader<'webcam'>[] =>
  [...setup.sections.keys()]
    .filter((name) => name.startsWith(webcamPrefix))
    .flatMap((name) => {
      const reader = new SectionReader('webcam', name, setup)
      reader.readLeniently()
      if (reader.has('stream_url')) return [reader]
      reader.warn(`${reader.missing('stream_url').message}. The camera is not shown`)
      return []
    })

/** As it is called. */
export const webcamName = (section: string): string => section.slice(webcamPrefix.length).trim()

export const readFileManager = (setup: ReaderSetup): SectionReader<'file_manager'> => {
  const reader = new SectionReader('file_manager', 'file_manager', setup)
  reader.readLeniently()
  const observer = reader.finish().file_system_observer.toLowerCase()
  const isKnown = ['inotify', 'none'].includes(observer)
  // compat: in Moonraker's words
  if (!isKnown)
    reader.warn(
      `[file_manager]: Invalid value '${observer}' for option 'file_system_observer'.  Falling back to no observer.`,
    )
  reader.set('file_system_observer', isKnown ? observer : 'none')
  return reader
}

/** compat: what asks for OctoPrint is answered only with the section. */
export const readOctoprint = (setup: ReaderSetup): SectionReader<'octoprint_compat'> => {
  const reader = new SectionReader('octoprint_compat', 'octoprint_compat', setup)
  reader.readLeniently()
  return reader
}

/** compat: there are stores also without the section. */
export const readDataStore = (setup: ReaderSetup): SectionReader<'data_store'> => {
  const reader = new SectionReader('data_store', 'data_store', setup)
  reader.readLeniently()
  return reader
}

/** @returns the reader, and whether the channel of Klipper and Moonraker can be trusted */
export const readUpdateManager = (
  setup: ReaderSetup,
): { reader: SectionReader<'update_manager'>; channelIsKnown: boolean } => {
  const reader = new SectionReader('update_manager', 'update_manager', setup)
  let channelIsKnown = true
  try {
    reader.read('channel')
  } catch (thrown) {
    channelIsKnown = false
    reader.ignore('channel', thrown)
    setup.warn('[update_manager]: Klipper and Moonraker are left alone until the channel is right')
  }
  reader.readLeniently(['channel'])
  const { refresh_window: hours, client_repo: repo, client_path: folder } = reader.finish()
  const problem = hoursProblem(hours)
  if (problem !== null) reader.ignore('refresh_window', reader.fault('refresh_window', problem))
  if (repo !== undefined || folder !== undefined) {
    setup.warn(
      "[update_manager]: 'client_repo' and 'client_path' have no effect; use a section [update_manager NAME]",
    )
  }
  return { reader, channelIsKnown }
}
