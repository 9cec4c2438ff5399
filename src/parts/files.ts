import path from 'node:path'
import type { Configuration } from '../config/index.js'
import type { FileChange } from '../roots/file-change.js'
import { Follower } from '../roots/follower.js'
import { FileRoots } from '../roots/file-roots.js'
import type { GateSetup, Reserved } from '../roots/gate.js'
import type { Root } from '../roots/request-path.js'
import { systemClock } from '../system/clock.js'
import { systemFiles } from '../system/files.js'
import type { Log } from '../system/log.js'
import { createStaging } from '../system/staged-file.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'

export interface FileSources {
  readonly configuration: () => Configuration
  /** Moonkeeper's own. */
  readonly dataFolder: string
  /** The printer's. */
  readonly dataPath: string
  readonly configFile: string
  readonly logFile: string
  readonly changed: (change: FileChange) => void
  /** Where Klipper says its log is; null while it does not. */
  readonly klipperLog: () => string | null
  readonly notices: Pick<Notices, 'set'>
  readonly log: Log
}

const mebibyte = 1024 * 1024

/** What nobody reaches through the API, whatever folder it is in. */
const reservedBy = ({
  configuration,
  dataFolder,
  dataPath,
  configFile,
}: FileSources): readonly Reserved[] => [
  { name: 'moonkeeper', path: path.join(path.dirname(configFile), 'moonkeeper.conf') },
  { name: 'moonkeeper', path: dataFolder },
  ...configuration().secretFiles.map((file) => ({ name: 'secrets', path: file })),
  ...['database', 'certs', 'systemd', 'backup'].map((name) => ({ name, path: path.join(dataPath, name) })),
]

/** Where applications are: symlinks from the configuration into them may be read. */
const managedBy = ({ applications, klipper }: Configuration): readonly string[] =>
  [...applications, ...(klipper === null ? [] : [klipper])].flatMap(({ options }) =>
    'path' in options ? [options.path] : [],
  )

/** compat: where Klipper says it is. Only what is called a log: who can tell us anything must not read everything. */
const klipperLogs = (reported: string | null, folder: string): readonly string[] =>
  reported !== null && path.isAbsolute(reported) && reported.endsWith('.log')
    ? [path.normalize(reported)]
    : [path.join(folder, 'klippy.log'), '/tmp/klippy.log']

const gaveUpNotice = (reason: string): string =>
  `[file_manager]: changes that others make to the files in config are not told to front ends: ${reason}. Remove what is no ` +
  'configuration, or set file_system_observer: none, and restart Moonkeeper.'

/** Follows what others change in the configuration. compat: unless it is told not to. */
const followerFor = (files: FileRoots, root: () => Root, gate: GateSetup, sources: FileSources): Follower =>
  new Follower({
    root,
    gate,
    undisturbed: (work) => files.changes.undisturbed(work),
    changed: sources.changed,
    gaveUp: (reason) => {
      sources.log.warn({ reason }, 'the files in config are not followed any more')
      sources.notices.set('files followed', gaveUpNotice(reason))
    },
  })

/** The files of the printer that clients see: its configuration, and its logs. */
export const createFileRoots = (
  sources: FileSources,
): { readonly files: FileRoots; readonly part: Part; readonly reserved: () => readonly string[] } => {
  const { configuration, dataFolder, dataPath, logFile, log } = sources
  const [config, logs] = [path.join(dataPath, 'config'), path.join(dataPath, 'logs')]
  const staging = createStaging(path.join(dataFolder, 'uploads'))
  const configRoot = (): Root => ({
    name: 'config',
    path: config,
    writable: configuration().fileManager.enable_config_write_access,
  })
  const gate: GateSetup = {
    reserved: () => reservedBy(sources),
    managed: () => managedBy(configuration()),
  }
  let follower: Follower | null = null
  const files = new FileRoots({
    roots: () => [configRoot(), { name: 'logs', path: logs, writable: false }],
    gate,
    staging,
    changed: async (change) => {
      sources.changed(change)
      await follower?.adopt(change)
    },
    logs: {
      'klippy.log': () => klipperLogs(sources.klipperLog(), logs),
      'moonraker.log': () => [logFile],
    },
    now: () => systemClock.now(),
    largestUpload: () => configuration().server.max_upload_size * mebibyte,
  })
  const part = {
    start: async () => {
      await Promise.all([config, logs].map((folder) => systemFiles.makeFolder(folder))).catch(
        (err: unknown) => log.warn({ err }, 'a folder of the printer could not be made'),
      )
      await staging.clear()
      if (configuration().fileManager.file_system_observer === 'none') return
      follower = followerFor(files, configRoot, gate, sources)
      // What is asked for meanwhile waits for it; nothing else does.
      void follower.start()
    },
    stop: async () => follower?.close(),
  }
  return { files, part, reserved: () => reservedBy(sources).map(({ path: at }) => at) }
}
