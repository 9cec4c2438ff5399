import { createHash } from 'node:crypto'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { BuiltImage } from '../contract/generated/types.js'
import type { ReadableFile } from '../roots/reading.js'
import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import { openFile } from '../system/open-file.js'
import { buildImage, type ImagePart } from './build.js'

export type { BuiltImage }

export interface MakerSetup {
  /** What is made lies here, until the next one is. */
  readonly folder: string
  readonly files: Files
  readonly clock: Clock
  /** Puts installed applications into files in a folder. @param names null: all that can be */
  readonly pack: (
    names: readonly string[] | null,
    folder: string,
    signal: AbortSignal,
  ) => Promise<readonly ImagePart[]>
}

const digestOf = async (file: string): Promise<{ readonly size: number; readonly checksum: string }> => {
  const opened = await openFile(file)
  try {
    const hash = createHash('sha256')
    for await (const chunk of opened.chunks(0, opened.size)) hash.update(chunk)
    return { size: opened.size, checksum: hash.digest('hex') }
  } finally {
    await opened.close()
  }
}

/** Makes images of what is installed here. They are not signed: the key is where its owner is. */
export class ImageMaker {
  private readonly ending = new AbortController()
  private making: Promise<unknown> | null = null

  constructor(private readonly setup: MakerSetup) {}

  /** Clears what an earlier life left. */
  async clear(): Promise<void> {
    await this.setup.files.remove(this.setup.folder)
  }

  /**
   * @param names null: all applications that can be put into an image
   * @param version what people call the image; null: the date
   * @throws busy, unknown_application, not_supported, not_valid, what packing fails of
   */
  async build(names: readonly string[] | null, version: string | null): Promise<BuiltImage> {
    this.ending.signal.throwIfAborted()
    if (this.making !== null)
      throw new MoonkeeperError('busy', 'An image is being made already. Try again when it is done.')
    const making = this.make(names, version)
    this.making = making.catch(() => undefined)
    try {
      return await making
    } finally {
      this.making = null
    }
  }

  /** The last one that was made. @throws unknown_image */
  async open(): Promise<ReadableFile> {
    const stats = await this.setup.files.stat(this.target)
    if (stats === null)
      throw new MoonkeeperError('unknown_image', 'No image was made yet: machine.update.images.build')
    const file = await openFile(this.target)
    const { mtimeMs: modified, ino } = stats
    return {
      name: 'image.zip',
      size: file.size,
      modified,
      version: `${ino}-${modified}-${file.size}`,
      chunks: (start, end) => file.chunks(start, end),
      close: () => file.close(),
    }
  }

  async stop(): Promise<void> {
    this.ending.abort(new MoonkeeperError('shutting_down', 'Moonkeeper is shutting down: no image was made'))
    await this.making
  }

  private get target(): string {
    return path.join(this.setup.folder, 'image.zip')
  }

  private async make(names: readonly string[] | null, version: string | null): Promise<BuiltImage> {
    const { files, folder, clock, pack } = this.setup
    const { signal } = this.ending
    const parts = path.join(folder, 'parts')
    await files.remove(folder)
    await files.makeFolder(parts)
    try {
      const created = Math.floor(clock.now() / 1000)
      const date = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '.')
      const packed = await pack(names, parts, signal)
      const request = { target: this.target, version: version ?? date, created, parts: packed, sign: null }
      const manifest = await buildImage({ ...request, files, signal })
      await files.remove(parts)
      return {
        version: manifest.version,
        ...(await digestOf(this.target)),
        file: this.target,
        applications: manifest.applications.map((one) => ({ name: one.name, version: one.version })),
      }
    } catch (thrown) {
      await files.remove(folder).catch(() => undefined)
      throw thrown
    }
  }
}
