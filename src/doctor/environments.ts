import { readVirtualenv } from '../python/virtualenv.js'
import type { Check, DoctorHost, Patient, Trouble } from './check.js'

const lookAt = async (patient: Patient, host: DoctorHost): Promise<readonly Trouble[]> => {
  const { name, virtualenv: folder } = patient
  if (folder === null) return []
  const problem = (await readVirtualenv(folder, host))?.problem ?? null
  if (problem === null) return []
  return [
    {
      code: 'environment_broken',
      about: folder,
      cause: `The Python environment of ${name} in ${folder} cannot be used: ${problem}. As a rule an upgrade of the operating system took its Python away`,
      repair: `moonkeeper recover ${name} --update-deps`,
    },
  ]
}

export const environments: Check = {
  name: 'environments',
  needsRest: true,
  async look(host) {
    return (await Promise.all(host.patients.map((patient) => lookAt(patient, host)))).flat()
  },
}
