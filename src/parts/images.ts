import { arch } from 'node:os'
import path from 'node:path'
import type { Configuration } from '../config/index.js'
import type { ImagePart } from '../images/build.js'
import { Images } from '../images/images.js'
import { ImageMaker } from '../images/maker.js'
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
  /** Puts installed applications into files. */
  readonly pack: (
    names: readonly string[] | null,
    folder: string,
    signal: AbortSignal,
  ) => Promise<readonly ImagePart[]>
  readonly log: Log
}

export interface ImageParts {
  readonly images: Images
  /** For methods. */
  readonly desks: { readonly images: Images; readonly imageMaker: ImageMaker }
  readonly part: Part
}

const mebibyte = 1024 * 1024

/** Update images, as configured when they are asked for. */
export const createImages = ({ current, dataFolder, inUse, pack, log }: ImageSources): ImageParts => {
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
  const maker = new ImageMaker({
    folder: path.join(dataFolder, 'built'),
    files: systemFiles,
    clock: systemClock,
    pack,
  })
  const part = {
    start: async () => {
      await Promise.all([images.load(), maker.clear()])
    },
    stop: async () => {
      await Promise.all([images.stop(), maker.stop()])
    },
  }
  return { images, desks: { images, imageMaker: maker }, part }
}
