import path from 'node:path'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Downloads } from '../system/download.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { PartialFile } from '../system/partial-file.js'
import { guardFor } from './hosts.js'
import { IndexFile, type Image } from './index-file.js'
import { manifestName, readManifest, type ImageManifest } from './manifest.js'
import { validateImage, type ImageRules } from './validation.js'

export interface ImagesSetup {
  /** Where they lie. */
  readonly folder: string
  readonly files: Files
  readonly downloads: Downloads
  readonly clock: Clock
  readonly log: Log
  /** What holds now. */
  readonly rules: () => ImageRules
  /** Hosts that images may be fetched from. */
  readonly hosts: () => readonly string[]
  /** True when an operation needs it. */
  readonly inUse: (id: number) => boolean
}

export interface Upload {
  readonly content: AsyncIterable<Buffer>
  /** Bytes that are announced; null when nothing is. */
  readonly size: number | null
  readonly signal: AbortSignal
}

/** A valid image, for whoever applies it. */
export interface OpenImage {
  readonly manifest: ImageManifest
  /** Its members lie here, at their paths. */
  readonly folder: string
}

const emptyImage = {
  state: 'UPLOADING',
  state_description: 'The image comes',
  error: null,
  progress: 0,
  size: null,
  checksum: null,
  version: null,
  signed_by: null,
  applications: [],
} as const satisfies Partial<Image>

const tooLarge = (limit: number): MoonkeeperError =>
  new MoonkeeperError(
    'too_large',
    `The image has more than the ${limit} bytes that 'max_image_size' allows. Nothing of it is kept.`,
  )

/** Update images: they come, are looked at, and lie here until they are deleted. One comes at a time. */
export class Images {
  private readonly index: IndexFile
  private readonly ending = new AbortController()
  private coming: Promise<void> | null = null

  constructor(private readonly setup: ImagesSetup) {
    this.index = new IndexFile(setup.folder, setup.files)
  }

  /** What a kill left half done is noted as such, and its files go. */
  async load(): Promise<void> {
    await this.index.load()
    for (const { id, state } of this.index.all()) {
      if (state !== 'UPLOADING' && state !== 'VALIDATING') continue
      await this.fail(
        id,
        state,
        new MoonkeeperError('refused', 'Moonkeeper was stopped while the image came'),
      )
    }
    const known = new Set(
      this.index.all().flatMap(({ id, state }) => (state === 'VALID' ? [String(id)] : [])),
    )
    for (const { name } of await this.setup.files.list(this.setup.folder))
      if (name !== 'index.json' && !known.has(name)) await this.setup.files.remove(this.at(name))
  }

  /** Newest last. */
  list(): readonly Image[] {
    return this.index.all()
  }

  /** @throws unknown_image */
  get(id: number): Image {
    const image = this.index.all().find((one) => one.id === id)
    if (image !== undefined) return image
    throw new MoonkeeperError('unknown_image', `There is no update image ${id}`)
  }

  /** @throws unknown_image, image_in_use, busy while it comes */
  async delete(id: number): Promise<void> {
    const { state } = this.get(id)
    if (this.setup.inUse(id))
      throw new MoonkeeperError('image_in_use', `Image ${id} is used by an update. Cancel that first.`)
    if (state === 'UPLOADING' || state === 'VALIDATING')
      throw new MoonkeeperError('image_in_use', `Image ${id} is not here yet. Try again in a moment.`)
    await this.index.remove(id)
    await this.setup.files.remove(this.at(String(id)))
  }

  /** @throws unknown_image, not_valid */
  async open(id: number): Promise<OpenImage> {
    const image = this.get(id)
    if (image.state !== 'VALID')
      throw new MoonkeeperError('not_valid', `Image ${id} cannot be used: ${image.state_description}`)
    const folder = this.at(String(id))
    return {
      manifest: readManifest(await this.setup.files.readContent(path.join(folder, manifestName))),
      folder,
    }
  }

  /**
   * Takes an image in. Resolves when all of it came; it is looked at from then on.
   * @throws busy when another one comes, too_large, no_space; the signal's reason
   */
  async receive(upload: Upload): Promise<Image> {
    const { maxSize } = this.setup.rules()
    if (upload.size !== null && upload.size > maxSize) throw tooLarge(maxSize)
    const { id, done } = await this.begin(upload.size)
    try {
      const { size, checksum } = await this.write(id, upload, maxSize)
      await this.index.change(id, { ...validating, size, checksum })
      void this.look(id).finally(done)
    } catch (thrown) {
      await this.fail(id, 'UPLOADING', thrown).finally(done)
      throw thrown
    }
    return this.get(id)
  }

  /**
   * Fetches an image. Resolves at once; what becomes of it is in its state.
   * @throws refused when the address is not allowed, busy
   */
  async fetch(url: string): Promise<Image> {
    const guard = guardFor(url, this.setup.hosts())
    const { id, done } = await this.begin(null)
    void this.download(id, url, guard).finally(done)
    return this.get(id)
  }

  /** Ends what is coming. */
  async stop(): Promise<void> {
    this.ending.abort(new MoonkeeperError('refused', 'Moonkeeper was stopped while the image came'))
    await this.coming
  }

  private async begin(size: number | null): Promise<{ readonly id: number; readonly done: () => void }> {
    if (this.coming !== null)
      throw new MoonkeeperError('busy', 'Another update image comes. Try again when it is here.')
    let done = (): void => undefined
    this.coming = new Promise((resolve) => {
      done = () => {
        this.coming = null
        resolve()
      }
    })
    try {
      const created = this.setup.clock.now() / 1000
      const { id } = await this.index.add({ ...emptyImage, size, created_at: created })
      return { id, done }
    } catch (thrown) {
      done()
      throw thrown
    }
  }

  private async write(
    id: number,
    { content, size, signal }: Upload,
    maxSize: number,
  ): Promise<{ readonly size: number; readonly checksum: string }> {
    const part = await PartialFile.open(this.archive(id), `upload:${id}`, this.setup.files)
    const stop = AbortSignal.any([signal, this.ending.signal])
    try {
      for await (const chunk of content) {
        stop.throwIfAborted()
        if (part.size + chunk.length > maxSize) throw tooLarge(maxSize)
        await part.write(chunk)
        this.tell(id, size === null ? 0 : part.size / size)
      }
      if (size !== null && part.size !== size)
        throw new MoonkeeperError(
          'refused',
          `The upload ended after ${part.size} of ${size} bytes. Try again.`,
        )
      const digest = part.digest
      await part.finish()
      return { size: part.size, checksum: digest }
    } catch (thrown) {
      await part.drop()
      throw thrown
    }
  }

  private async download(id: number, url: string, guard: ReturnType<typeof guardFor>): Promise<void> {
    try {
      const { maxSize } = this.setup.rules()
      const { bytes, sha256 } = await this.setup.downloads.fetch({
        url,
        target: this.archive(id),
        guard,
        signal: this.ending.signal,
        limits: { maxSize },
        progress: (done, total) => this.tell(id, total === null || total === 0 ? 0 : done / total),
      })
      await this.index.change(id, { ...validating, size: bytes, checksum: sha256 })
      await this.look(id)
    } catch (thrown) {
      await this.setup.downloads.discard(this.archive(id)).catch(() => undefined)
      await this.fail(id, 'UPLOADING', thrown)
    }
  }

  private async look(id: number): Promise<void> {
    const [archive, folder] = [this.archive(id), this.at(String(id))]
    try {
      const { manifest, signedBy } = await validateImage({
        archive,
        folder,
        rules: this.setup.rules(),
        signal: this.ending.signal,
        progress: (fraction) => this.tell(id, fraction),
      })
      // Its members lie beside; the checksum is kept in the note.
      await this.setup.files.remove(archive)
      await this.index.change(id, {
        state: 'VALID',
        state_description: 'The image can be used',
        progress: 1,
        version: manifest.version,
        signed_by: signedBy,
        applications: manifest.applications.map(({ name, version }) => ({ name, version })),
      })
    } catch (thrown) {
      await this.fail(id, 'VALIDATING', thrown)
    }
  }

  /** The note stays and says why; nothing else does. */
  private async fail(id: number, during: 'UPLOADING' | 'VALIDATING', thrown: unknown): Promise<void> {
    const { kind, message } = asMoonkeeperError(thrown)
    const state = during === 'UPLOADING' ? 'UPLOAD_ERROR' : 'INVALID'
    this.setup.log.warn({ image: id, state, err: thrown }, 'an update image was refused')
    try {
      await this.setup.files.remove(this.archive(id))
      await this.setup.files.remove(this.at(String(id)))
      await this.index.change(id, { state, state_description: message, error: kind })
    } catch (err) {
      this.setup.log.error({ image: id, err }, 'the note of an update image could not be written')
    }
  }

  private tell(id: number, progress: number): void {
    this.index.note(id, { progress: Math.min(progress, 1) })
  }

  private at(name: string): string {
    return path.join(this.setup.folder, name)
  }

  private archive(id: number): string {
    return this.at(`${id}.zip`)
  }
}

const validating = { state: 'VALIDATING', state_description: 'The image is looked at', progress: 0 } as const
