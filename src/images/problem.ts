import { MoonkeeperError } from '../contract/error.js'
import { harmless } from '../contract/text.js'

/** An image that is refused, and why. */
export const badImage = (what: string, cause: unknown = null): MoonkeeperError =>
  new MoonkeeperError(
    'bad_image',
    `The image is refused: ${harmless(what).slice(0, 300)}. Nothing of it is kept; ask whoever made it.`,
    cause,
  )
