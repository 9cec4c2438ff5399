import path from 'node:path'
import type { UpdateManagerPythonOptions } from '../../contract/generated/types.js'
import type { PipSetup } from '../../python/pip.js'
import type { PythonTools, Virtualenv } from '../../python/virtualenv.js'
import type { UpdaterSurroundings } from '../contract.js'
import type { Served } from '../service-steps.js'

/** A Python package in a virtualenv, and where its parts lie. */
export interface PythonApplication {
  readonly name: string
  readonly options: UpdateManagerPythonOptions
  readonly outside: UpdaterSurroundings
  /** What it is called by an index. */
  readonly project: string
  /** What is asked for of its extras, without the brackets; null: none. */
  readonly extras: string | null
  /** In the data folder: what was prepared, and temporary files. */
  readonly store: string
}

export const labelOf = ({ name }: Pick<PythonApplication, 'name'>): string => `Python Package ${name}`

export const applicationOf = (
  name: string,
  options: UpdateManagerPythonOptions,
  outside: UpdaterSurroundings,
): PythonApplication => {
  const [, project = name, extras] = /^([^[]+)(?:\[([^\]]+)\])?$/.exec(options.project_name ?? name) ?? []
  return {
    name,
    options,
    outside,
    project: project.trim(),
    extras: extras ?? null,
    store: path.join(outside.dataFolder, 'python', name),
  }
}

export const toolsOf = ({ outside }: PythonApplication): PythonTools => ({
  commands: outside.commands,
  files: outside.files,
})

/** How pip is called for it, where no operation has a folder for that. */
export const pipOf = (
  application: PythonApplication,
  virtualenv: Virtualenv,
  signal: AbortSignal,
): PipSetup => ({
  virtualenv,
  tools: toolsOf(application),
  temporary: path.join(application.store, 'tmp'),
  variables: application.options.pip_environment_variables as Readonly<Record<string, string>> | undefined,
  signal,
})

export const servedBy = (application: PythonApplication): Served => ({
  label: labelOf(application),
  services: application.options.managed_services,
  restarter: application.outside.services,
})

/** What pip is asked for: the package with its extras, and which version of it. */
export const requirementFor = (
  { project, extras }: PythonApplication,
  { version, ref }: { readonly version: string | null; readonly ref: string | null },
  url: string,
): string => {
  const name = extras === null ? project : `${project}[${extras}]`
  if (ref !== null) return `${name} @ git+${url}@${ref}`
  return version === null ? name : `${name}==${version}`
}
