import type { Configuration } from '../config/index.js'
import type { Printer } from '../klippy/printer.js'
import type { ServerFacts } from '../methods/context.js'
import { componentsOf } from './components.js'

/** compat: the version of the API that is spoken; front ends switch features by it. */
const apiVersion = [1, 5, 0]

/** The Moonraker level that is matched, as front ends accept it. */
const levelOf = (version: string): string => `v0.10.0-0-moonkeeper-${version}`

export interface FactSources {
  readonly configuration: () => Configuration
  readonly printer: Printer
  /** Warnings that come from outside of the configuration. */
  readonly warnings: () => readonly string[]
  readonly connections: () => number
  readonly version: string
  readonly restart: () => Promise<void>
}

/** What server.info and server.config answer. */
export const createServerFacts = (sources: FactSources): ServerFacts => ({
  info(raw) {
    const warnings = [...sources.configuration().warnings, ...sources.warnings()]
    return {
      klippy_connected: sources.printer.connected,
      klippy_state: sources.printer.state,
      components: [...componentsOf(sources.configuration())],
      failed_components: [],
      registered_directories: ['config', 'logs'],
      warnings: raw ? warnings : warnings.map((text) => text.replaceAll('\n', '<br/>')),
      websocket_count: sources.connections(),
      moonraker_version: levelOf(sources.version),
      moonkeeper_version: sources.version,
      missing_klippy_requirements: [...sources.printer.missingRequirements],
      api_version: apiVersion,
      api_version_string: apiVersion.join('.'),
    }
  },
  config() {
    const configuration = sources.configuration()
    const files = configuration
      .fileSections()
      .map(({ filename, sections }) => ({ filename, sections: [...sections] }))
    return { config: configuration.parsed(), orig: configuration.orig(), files }
  },
  octoprint() {
    if (!sources.configuration().octoprint) return null
    return { version: levelOf(sources.version), ready: sources.printer.state === 'ready' }
  },
  restart: sources.restart,
})
