import path from 'node:path'
import type { Image, ImageIndex } from '../contract/generated/types.js'
import { ImageIndex as validate } from '../contract/generated/validators.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'
import { Queue } from '../system/queue.js'

export type { Image }

const parse = (text: string): ImageIndex | null => {
  try {
    const found: unknown = JSON.parse(text)
    return validate(found) ? (found as ImageIndex) : null
  } catch {
    return null
  }
}

const changed = (index: ImageIndex, id: number, change: Partial<Image>): ImageIndex => ({
  ...index,
  images: index.images.map((image) => (image.id === id ? { ...image, ...change } : image)),
})

/** Of images that were refused so many notes stay: whoever sends bad ones does not fill the index. */
const mostRefused = 20

const withoutOldNotes = (images: readonly Image[]): readonly Image[] => {
  const refused = images.filter(({ state }) => state === 'INVALID' || state === 'UPLOAD_ERROR')
  const gone = new Set(refused.slice(0, Math.max(0, refused.length - mostRefused)))
  return images.filter((image) => !gone.has(image))
}

/** What is known of the images, on the disk: an id is never given twice, also not after a restart. */
export class IndexFile {
  private readonly file: string
  private index: ImageIndex = { next: 1, images: [] }
  private readonly saving = new Queue()

  constructor(
    private readonly folder: string,
    private readonly files: Files,
  ) {
    this.file = path.join(folder, 'index.json')
  }

  /** @throws refused when there is one that cannot be read: an id could be given twice */
  async load(): Promise<void> {
    const text = await this.files.readText(this.file)
    if (text === null) return
    const found = parse(text)
    if (found === null)
      throw new MoonkeeperError(
        'refused',
        `${this.file} cannot be read, so that no image is known. Move it away to begin anew.`,
      )
    this.index = found
  }

  /** Newest last. */
  all(): readonly Image[] {
    return this.index.images
  }

  /** @throws what the file system refuses: then there is no such image */
  async add(image: Omit<Image, 'id'>): Promise<Image> {
    const added = { id: this.index.next, ...image }
    await this.save(({ images }) => ({ next: added.id + 1, images: [...withoutOldNotes(images), added] }))
    return added
  }

  /** It shows when it is on the disk. */
  async change(id: number, change: Partial<Image>): Promise<void> {
    await this.save((index) => changed(index, id, change))
  }

  /** What a restart may forget: progress. */
  note(id: number, change: Partial<Image>): void {
    this.index = changed(this.index, id, change)
  }

  async remove(id: number): Promise<void> {
    await this.save(({ next, images }) => ({ next, images: images.filter((image) => image.id !== id) }))
  }

  private async save(change: (index: ImageIndex) => ImageIndex): Promise<void> {
    await this.saving.run(async () => {
      await this.files.makeFolder(this.folder)
      await this.files.writeText(this.file, `${JSON.stringify(change(this.index))}\n`)
      this.index = change(this.index)
    })
  }
}
