import type { DoctorFinding, DoctorReport } from '../contract/generated/types.js'
import { oneLine } from './terminal-text.js'

const outcome = ({ fixed, fixable, error }: DoctorFinding): string => {
  if (fixed === true) return '    Repaired.\n'
  if (error !== null) return `    It could not be repaired: ${oneLine(error)}\n`
  return fixable ? '    `moonkeeper doctor --fix` does that.\n' : ''
}

const findingText = (finding: DoctorFinding): string =>
  `${finding.code}: ${oneLine(finding.cause)}.\n    ${oneLine(finding.repair)}\n${outcome(finding)}\n`

const goodText = ({ checks }: DoctorReport): string => {
  const good = checks.filter(({ state }) => state === 'good').map(({ name }) => name)
  return good.length === 0 ? '' : `Good: ${good.join(', ')}\n`
}

const unknownText = ({ checks }: DoctorReport): string =>
  checks
    .filter(({ state }) => state === 'unknown')
    .map(({ name, text }) => `Not known: ${name} (${oneLine(text)})\n`)
    .join('')

/** For people. */
export const doctorText = (report: DoctorReport): string =>
  report.findings.map(findingText).join('') + goodText(report) + unknownText(report)
