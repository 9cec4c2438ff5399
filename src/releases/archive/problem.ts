import { MoonkeeperError } from '../../contract/error.js'
import { harmless } from '../../contract/text.js'

const shownLength = 120

/** A name out of an archive, as it may be shown. */
export const shown = (name: string): string => {
  const text = harmless(name).replace(/[\t\n\u0080-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  return `'${text.length > shownLength ? `${text.slice(0, shownLength)}...` : text}'`
}

/** An archive that is not unpacked, and why. */
export const badArchive = (what: string, cause: unknown = null): MoonkeeperError =>
  new MoonkeeperError(
    'bad_archive',
    `The archive is refused: ${what}. Nothing of it was installed; tell its owner.`,
    cause,
  )
