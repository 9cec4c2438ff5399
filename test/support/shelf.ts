import { MoonkeeperError } from '../../src/contract/error.js'
import type { ImageShelf } from '../../src/engine/carried.js'

const nothing = (id: number): MoonkeeperError => new MoonkeeperError('unknown_image', `no image ${id}`)

/** There are no images. */
export const noShelf: ImageShelf = {
  get: (id) => {
    throw nothing(id)
  },
  use: (id) => Promise.reject(nothing(id)),
}
