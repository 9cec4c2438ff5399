import { arch } from 'node:os'
import path from 'node:path'
import type { Configuration } from '../config/index.js'
import { Images } from '../images/images.js'
import { systemClock } from '../system/clock.js'
import { createDownloads } from '../system/download.js'
import { systemFiles } from '../system/files.js'
import { systemHttp } from '../system/http.js'
import type { Log } from '../system/log.js'
import type { Part } from './part.js'

export interface ImageSources {
  /** What holds now. */
  readonly current: () => Configuration
  readonly dataFolder: string
  /** True when an operation needs it. */
  readonly inUse: (id: number) => boolean
  readonly log: Log
}

const mebibyte = 1024 * 1024

/** Update images, as configured when they are asked for. */
export const createImages = ({
  current,
  dataFolder,
  inUse,
  log,
}: ImageSources): { readonly images: Images; readonly part: Part } => {
  const own = () => current().moonkeeper
  const images = new Images({
    folder: path.join(dataFolder, 'images'),
    files: systemFiles,
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock: systemClock }),
    clock: systemClock,
    log,
    rules: () => ({
      signingKeys: own().signing_keys,
      allowUnsigned: own().allow_unsigned_images,
      maxSize: own().max_image_size * mebibyte,
      architecture: arch(),
    }),
    hosts: () => own().image_hosts,
    minFreeSpace: () => own().min_free_space * mebibyte,
    inUse,
  })
  return { images, part: { start: () => images.load(), stop: () => images.stop() } }
}
