import path from 'node:path'
import { badImage } from '../../images/problem.js'
import { checkFile, type MemberFile } from '../../images/member.js'
import type { Carried } from '../contract.js'
import type { ReleaseSource } from './source.js'

/** @throws bad_image */
const onlyFile = ({ files }: Carried, name: string): MemberFile => {
  const [file] = files
  if (file !== undefined && files.length === 1) return file
  throw badImage(`it has ${files.length} files for ${name} instead of one`)
}

/** The asset of a release that lies here. Whoever signed what it came in, stands for it. */
export const carriedSource = (carried: Carried): ReleaseSource => ({
  isHere: true,
  async find({ name }, { owner, project }, wanted) {
    const { release } = carried
    if (release === null) throw badImage(`it does not tell which release it has for ${name}`)
    const here = `${owner}/${project}`
    if (release.repo.toLowerCase() !== here.toLowerCase())
      throw badImage(`what it has for ${name} is of ${release.repo}, and here it is of ${here}`)
    return [release.tag, release.version, carried.id].includes(wanted) ? release : null
  },
  async bring({ place, asset, target, context }) {
    const { name, outside, title } = place
    const file = onlyFile(carried, name)
    if (asset.sha256 !== null && asset.sha256.toLowerCase() !== file.sha256)
      throw badImage(`what it has for ${name} is not what ${name}'s forge published`)
    context.progress(`${title} ${name}: taking it from ${carried.label}`)
    await outside.files.copyEntry(file.path, target)
    await checkFile({ ...file, path: target }, path.basename(file.path), context.signal)
  },
})
