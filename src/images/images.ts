import path from 'node:path'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Downloads } from '../system/download.js'
import type { Files } from '../system/files.js'
import type { Log } from '../system/log.js'
import { Arrival, Cut, tooLarge, type Upload } from './arrival.js'
import { guardFor } from './hosts.js'
import { IndexFile, type Image } from './index-file.js'
import type { ImageManifest } from './manifest.js'
import { refuseLittleRoom } from './room.js'
import { readTrusted, validateImage, type ImageRules } from './validation.js'

export type { Image, ImageManifest, Upload }

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
  /** Bytes that stay free. */
  readonly minFreeSpace: () => number
  /** True when an operation needs it. */
  readonly inUse: (id: number) => boolean
}

/** A valid image, for whoever applies it. */
export interface OpenImage {
  readonly id: number
  readonly manifest: ImageManifest
  /** Its members lie here, at their paths. */
  readonly folder: string
  /** The id of the key that signed it; null when none was asked for. */
  readonly signedBy: string | null
}

const emptyImage = {
  state: 'UPLOADING',
  state_description: 'The image comes',
  error: null,
  progress: 0,
  received: 0,
  size: null,
  checksum: null,
  version: null,
  signed_by: null,
  applications: [],
} as const satisfies Partial<Image>

const validating = { state: 'VALIDATING', state_description: 'The image is looked at', progress: 0 } as const

/** Milliseconds that the rest of an upload is waited for. */
const restPatience = 10 * 60_000

const stopped = (): MoonkeeperError =>
  new MoonkeeperError('interrupted', 'Moonkeeper was stopped while the image came. Send it again.')

/** An upload that was cut, and whose client may go on. */
interface Waiting {
  readonly arrival: Arrival
  readonly over: AbortController
}

/** Update images: they come, are looked at, and lie here until they are deleted. One comes at a time. */
export class Images {
  private readonly index: IndexFile
  private readonly ending = new AbortController()
  private coming: Promise<void> | null = null
  private waiting: Waiting | null = null
  /** How many use each. */
  private readonly users = new Map<number, number>()

  constructor(private readonly setup: ImagesSetup) {
    this.index = new IndexFile(setup.folder, setup.files)
  }

  /** What a kill left half done is noted as such, and its files go. */
  async load(): Promise<void> {
    await this.index.load()
    for (const { id, state } of this.index.all())
      if (state === 'UPLOADING' || state === 'VALIDATING') await this.fail(id, 'UPLOADING', stopped())
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
    throw new MoonkeeperError(
      'unknown_image',
      `There is no update image ${id}. machine.update.images.list tells those there are`,
    )
  }

  /** @throws unknown_image, image_in_use: by an operation, or because it comes right now */
  async delete(id: number): Promise<void> {
    this.get(id)
    if (this.waiting?.arrival.id === id) await this.giveUp('The upload was given up.')
    const { state } = this.get(id)
    if (this.users.has(id) || this.setup.inUse(id))
      throw new MoonkeeperError('image_in_use', `Image ${id} is used by an update. Cancel that first.`)
    if (state === 'UPLOADING' || state === 'VALIDATING')
      throw new MoonkeeperError('image_in_use', `Image ${id} is not here yet. Try again in a moment.`)
    await this.index.remove(id)
    await this.setup.files.remove(this.at(String(id)))
  }

  /**
   * While the work runs the image is not deleted. Its signature is looked at again: the keys may be others by now.
   * @throws unknown_image, not_valid, bad_signature; what the work throws
   */
  async use<T>(id: number, work: (image: OpenImage) => Promise<T>): Promise<T> {
    const image = this.get(id)
    if (image.state !== 'VALID')
      throw new MoonkeeperError('not_valid', `Image ${id} cannot be used: ${image.state_description}`)
    this.users.set(id, (this.users.get(id) ?? 0) + 1)
    try {
      const { rules, files } = this.setup
      const folder = this.at(String(id))
      return await work({ id, folder, ...(await readTrusted(folder, rules(), files)) })
    } finally {
      const others = (this.users.get(id) ?? 1) - 1
      if (others === 0) this.users.delete(id)
      else this.users.set(id, others)
    }
  }

  /**
   * Takes an image in, or a piece of one. Resolves when all of that came; a whole image is looked at from then on.
   * @throws busy when another one comes, too_large, no_space, upload_mismatch, unknown_image; the signal's reason
   */
  async receive(upload: Upload): Promise<Image> {
    const { maxSize } = this.setup.rules()
    const { size, piece = null } = upload
    if (size !== null && size > maxSize) throw tooLarge(maxSize)
    const done = this.takeTurn()
    let looked = false
    try {
      const arrival = await this.arrivalFor(upload)
      await this.takeIn(arrival, upload, maxSize)
      const { id, received } = arrival
      if (piece !== null && received < (size ?? 0)) this.wait(arrival)
      else {
        await this.finish(arrival)
        looked = true
        void this.look(id).finally(done)
      }
      return this.get(id)
    } finally {
      if (!looked) done()
    }
  }

  /**
   * Fetches an image. Resolves at once; what becomes of it is in its state.
   * @throws refused when the address is not allowed, busy, no_space
   */
  async fetch(url: string): Promise<Image> {
    const guard = guardFor(url, this.setup.hosts())
    const done = this.takeTurn()
    try {
      const { id } = await this.begin(null)
      void this.download(id, url, guard).finally(done)
      return this.get(id)
    } catch (thrown) {
      done()
      throw thrown
    }
  }

  /** Ends what is coming. */
  async stop(): Promise<void> {
    this.ending.abort(stopped())
    await this.coming
    await this.giveUp(stopped().message)
  }

  /** @returns what ends it. @throws busy */
  private takeTurn(): () => void {
    this.ending.signal.throwIfAborted()
    if (this.coming !== null)
      throw new MoonkeeperError('busy', 'Another update image comes. Try again when it is here.')
    let done = (): void => undefined
    this.coming = new Promise((resolve) => {
      done = () => {
        this.coming = null
        resolve()
      }
    })
    return done
  }

  /** A new one is not held up by the rest of one that does not come. */
  private async begin(size: number | null): Promise<Image> {
    await this.giveUp('Another image came before the rest of this one.')
    await this.refuseLittleRoom(size)
    const created = this.setup.clock.now() / 1000
    return this.index.add({ ...emptyImage, size, created_at: created })
  }

  private async arrivalFor({ size, piece = null }: Upload): Promise<Arrival> {
    if (piece === null || piece.image === null) {
      if (piece !== null && piece.start !== 0)
        throw new MoonkeeperError('upload_mismatch', 'The first piece of an image begins with byte 0.')
      const { id } = await this.begin(size)
      return Arrival.open(id, size, this.archive(id), this.setup.files).catch(async (thrown: unknown) => {
        await this.fail(id, 'UPLOADING', thrown)
        throw asMoonkeeperError(thrown)
      })
    }
    const { state, state_description: why } = this.get(piece.image)
    const { waiting } = this
    if (waiting?.arrival.id !== piece.image)
      throw new MoonkeeperError(
        'upload_mismatch',
        `Nothing is missing of image ${piece.image} (${state}): ${why}`,
      )
    waiting.arrival.check(piece, size)
    this.waiting = null
    waiting.over.abort()
    return waiting.arrival
  }

  /** What a client that can go on did not bring is waited for; of everything else that fails nothing stays. */
  private async takeIn(arrival: Arrival, upload: Upload, maxSize: number): Promise<void> {
    const { piece = null, size } = upload
    const { id } = arrival
    const limits = { maxSize, room: () => this.refuseLittleRoom(null), signal: this.ending.signal }
    const told = (): void => this.tell(id, size === null ? 0 : arrival.received / size, arrival.received)
    try {
      await arrival.take(upload, piece?.end ?? size, limits, told)
    } catch (thrown) {
      if (piece !== null && thrown instanceof Cut) this.wait(arrival)
      else {
        await arrival.drop().catch(() => undefined)
        await this.fail(id, 'UPLOADING', thrown)
      }
      throw thrown instanceof MoonkeeperError ? thrown : asMoonkeeperError(thrown)
    }
  }

  private async finish(arrival: Arrival): Promise<void> {
    const { id, received } = arrival
    try {
      const checksum = await arrival.finish()
      await this.index.change(id, { ...validating, size: received, received, checksum })
    } catch (thrown) {
      await this.fail(id, 'UPLOADING', thrown)
      throw asMoonkeeperError(thrown)
    }
  }

  private wait(arrival: Arrival): void {
    const over = new AbortController()
    this.waiting = { arrival, over }
    this.index.note(arrival.id, { state_description: 'The rest of the image is waited for' })
    this.setup.clock.wait(restPatience, over.signal).then(
      () => this.giveUp(`The rest of the image did not come for ${restPatience / 60_000} minutes.`),
      () => undefined,
    )
  }

  /** Whose rest is waited for, is waited for no longer. */
  private async giveUp(why: string): Promise<void> {
    const { waiting } = this
    if (waiting === null) return
    this.waiting = null
    waiting.over.abort()
    await waiting.arrival.drop().catch(() => undefined)
    await this.fail(waiting.arrival.id, 'UPLOADING', new MoonkeeperError('interrupted', why))
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
        progress: (done, total) => this.tell(id, total === null || total === 0 ? 0 : done / total, done),
      })
      await this.index.change(id, { ...validating, size: bytes, received: bytes, checksum: sha256 })
      await this.look(id)
    } catch (thrown) {
      await this.setup.downloads.discard(this.archive(id)).catch(() => undefined)
      await this.fail(id, 'UPLOADING', thrown)
    }
  }

  private async look(id: number): Promise<void> {
    const [archive, folder] = [this.archive(id), this.at(String(id))]
    try {
      await this.refuseLittleRoom(this.get(id).size)
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
      this.index.note(id, { state, state_description: message, error: kind })
    }
  }

  private refuseLittleRoom(size: number | null): Promise<void> {
    const { files, folder, minFreeSpace } = this.setup
    return refuseLittleRoom({ files, folder, minFreeSpace: minFreeSpace(), size: size ?? 0 })
  }

  private tell(id: number, progress: number, received?: number): void {
    this.index.note(id, { progress: Math.min(progress, 1), ...(received === undefined ? {} : { received }) })
  }

  private at(name: string): string {
    return path.join(this.setup.folder, name)
  }

  private archive(id: number): string {
    return this.at(`${id}.zip`)
  }
}
