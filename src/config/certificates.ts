import path from 'node:path'
import { expandHome, pathProblem } from './paths.js'
import type { SectionReader } from './section-reader.js'

/** Where TLS finds what it needs; the files need not exist. */
export interface Certificates {
  /** PEM, absolute. */
  readonly certificate: string
  readonly key: string
}

const placeOf = async (
  reader: SectionReader<'server'>,
  option: 'ssl_certificate_path' | 'ssl_key_path',
  usual: string,
  homeFolder: string,
): Promise<string> => {
  const written = reader.finish()[option]
  if (written === undefined || (await pathProblem(usual, 'any')) === null) return usual
  const place = path.resolve('/', expandHome(written, homeFolder))
  if ((await pathProblem(place, 'any')) === null) return place
  throw reader.fault(option, `leads to ${place}, which does not exist. Put the file there, or at ${usual}`)
}

/**
 * compat: `<data>/certs/moonraker.cert` and `.key`; what the old options name counts while there is nothing there.
 * @throws refused when an option names what does not exist
 */
export const certificatesOf = async (
  reader: SectionReader<'server'>,
  dataPath: string,
  homeFolder: string,
): Promise<Certificates> => {
  const usual = (ending: string): string => path.join(dataPath, 'certs', `moonraker.${ending}`)
  return {
    certificate: await placeOf(reader, 'ssl_certificate_path', usual('cert'), homeFolder),
    key: await placeOf(reader, 'ssl_key_path', usual('key'), homeFolder),
  }
}
