import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface CertificatePair {
  /** PEM. */
  readonly cert: string
  readonly key: string
}

/** A certificate that nobody signed, good for a day. @param name what it is for */
export const makeCertificate = (folder: string, name: string): CertificatePair => {
  mkdirSync(folder, { recursive: true })
  const [cert, key] = [path.join(folder, `${name}.cert`), path.join(folder, `${name}.key`)]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', `/CN=${name}`, '-days', '1']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}
