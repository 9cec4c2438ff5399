import path from 'node:path'
import type { Configuration } from '../config/index.js'
import type { FileChange } from '../roots/file-change.js'
import { FileRoots } from '../roots/file-roots.js'
import type { Reserved } from '../roots/gate.js'
import { systemClock } from '../system/clock.js'
import { systemFiles } from '../system/files.js'
import type { Log } from '../system/log.js'
import { createStaging } from '../system/staged-file.js'
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

/** The files of the printer that clients see: its configuration, and its logs. */
export const createFileRoots = (sources: FileSources): { readonly files: FileRoots; readonly part: Part } => {
  const { configuration, dataFolder, dataPath, logFile, changed, log } = sources
  const [config, logs] = [path.join(dataPath, 'config'), path.join(dataPath, 'logs')]
  const staging = createStaging(path.join(dataFolder, 'uploads'))
  const files = new FileRoots({
    roots: () => [
      { name: 'config', path: config, writable: configuration().fileManager.enable_config_write_access },
      { name: 'logs', path: logs, writable: false },
    ],
    gate: {
      reserved: () => reservedBy(sources),
      managed: () => managedBy(configuration()),
    },
    staging,
    changed,
    logs: {
      'klippy.log': () => [path.join(logs, 'klippy.log'), '/tmp/klippy.log'],
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
    },
    stop: () => Promise.resolve(),
  }
  return { files, part }
}
