import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { Image, OpenImage } from '../images/images.js'
import { parsePublicKey } from '../releases/minisign.js'
import type { Carried } from '../updaters/contract.js'
import type { Application } from './application.js'

/** Update images, as far as the engine needs them. */
export interface ImageShelf {
  /** @throws unknown_image */
  get(id: number): Image
  /** While the work runs the image is not deleted. @throws unknown_image, not_valid, bad_signature */
  use<T>(id: number, work: (image: OpenImage) => Promise<T>): Promise<T>
}

/** What an image has for an application. @throws bad_argument, not_supported, bad_image, bad_signature */
export type Cargo = (application: Pick<Application, 'name' | 'settings' | 'updater'>) => Carried

/**
 * The applications that an image is to update: those that are named, or all that it is for.
 * @throws not_valid, bad_argument
 */
export const namesIn = (image: Image, names: readonly string[] | null): readonly string[] => {
  if (image.state !== 'VALID')
    throw new MoonkeeperError('not_valid', `Image ${image.id} cannot be used: ${image.state_description}`)
  const carried = image.applications.map(({ name }) => name)
  const missing = names?.find((name) => !carried.includes(name))
  if (missing === undefined) return names ?? carried
  throw notCarried(image.id, missing, carried)
}

const notCarried = (id: number, name: string, carried: readonly string[]): MoonkeeperError =>
  new MoonkeeperError('bad_argument', `Image ${id} has nothing for ${name}. It is for: ${carried.join(', ')}`)

/** An application may ask for other keys than all the others. */
const refuseForeignKey = (
  { name, settings }: Pick<Application, 'name' | 'settings'>,
  { id, signedBy }: OpenImage,
): void => {
  const keys = settings.signingKeys ?? []
  if (keys.length === 0 || keys.some((key) => parsePublicKey(key).id === signedBy)) return
  throw new MoonkeeperError(
    'bad_signature',
    `${name}: image ${id} is signed by ${signedBy ?? 'nobody'}, whom 'signing_keys' does not name for it. Nothing was ` +
      'changed.',
  )
}

/** What an image that is open has for each. */
export const cargoOf = (image: OpenImage): Cargo => {
  const { id, manifest, folder } = image
  const carried = manifest.applications.map(({ name }) => name)
  return (application) => {
    const found = manifest.applications.find(({ name }) => name === application.name)
    if (found === undefined) throw notCarried(id, application.name, carried)
    const { type } = application.settings
    if (application.updater.pack === undefined)
      throw new MoonkeeperError(
        'not_supported',
        `${application.name} cannot be updated from an image: its type, ${type}, is not carried in any yet.`,
      )
    if (found.type !== type)
      throw new MoonkeeperError(
        'bad_image',
        `Image ${id} has ${found.name} as ${found.type}, and here it is of the type ${type}. Nothing was changed.`,
      )
    refuseForeignKey(application, image)
    const files = manifest.members.filter((member) => found.members.includes(member.path))
    return {
      label: `image ${id} (${manifest.version})`,
      version: found.version,
      id: found.id,
      branch: found.branch,
      release: found.release,
      files: files.map((member) => ({ ...member, path: path.join(folder, member.path) })),
    }
  }
}
