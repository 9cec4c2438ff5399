import type { ConfigMap } from '../contract/generated/types.js'
import { optionTable } from '../contract/generated/tables.js'
import type { Option } from '../contract/tables.js'
import { at, refusal, type OptionText, type Section } from './ini.js'
import { render, type TemplateContext } from './template.js'
import { parseValue } from './values.js'

export type SchemaName = keyof ConfigMap
export type OptionName<S extends SchemaName> = keyof ConfigMap[S] & string

/** compat: options that Moonraker itself warns about when they are given. */
const deprecated: readonly string[] = [
  'server.enable_debug_logging',
  'server.ssl_certificate_path',
  'server.ssl_key_path',
  'secrets.secrets_path',
  'file_manager.config_path',
  'file_manager.log_path',
  'update_manager.enable_repo_debug',
]

const isSecret = (option: string): boolean => /(?:^|_)(?:password|token|secret|api_key)$/.test(option)

/** What may be shown of an option's text: a credential only as the template that names it. */
export const shown = (option: string, text: string): string =>
  isSecret(option) && !text.includes('{') ? '(hidden)' : text

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** Everything a reader needs besides its section. */
export interface ReaderSetup {
  readonly sections: ReadonlyMap<string, Section>
  readonly defaults: Section | null
  readonly templates: TemplateContext
  readonly warn: (text: string) => void
}

/**
 * Reads the options of one section by its schema, and remembers which were read: what was not has no effect,
 * and somebody should hear of it.
 */
export class SectionReader<S extends SchemaName> {
  /** Option -> value as server.config shows it; null for one that was asked for and is not given. */
  readonly parsed: Record<string, unknown> = {}
  private readonly values: Record<string, unknown> = {}
  private readonly options: Readonly<Record<string, Option>>
  readonly section: Section | null
  /** An option is missing or no such value. */
  private flawed = false

  constructor(
    readonly schema: S,
    readonly name: string,
    private readonly setup: ReaderSetup,
  ) {
    this.section = setup.sections.get(name) ?? null
    this.options = optionTable[schema] ?? {}
  }

  /** compat: [DEFAULT] holds in sections that exist. */
  text(option: OptionName<S>): OptionText | null {
    if (this.section === null) return null
    return this.section.options.get(option) ?? this.setup.defaults?.options.get(option) ?? null
  }

  has(option: OptionName<S>): boolean {
    return this.text(option) !== null
  }

  /**
   * The option's value, else its default, else undefined.
   * @throws refused, with file and line, when the text is no such value
   */
  read<K extends OptionName<S>>(option: K): ConfigMap[S][K] | undefined {
    const found = this.text(option)
    const schema = this.options[option]
    const value =
      found === null || schema === undefined ? this.fallback(option) : this.parse(option, found, schema)
    if (value !== undefined) this.values[option] = value
    return value as ConfigMap[S][K] | undefined
  }

  /** @throws refused when it is not given */
  required<K extends OptionName<S>>(option: K): NonNullable<ConfigMap[S][K]> {
    if (!this.has(option)) throw this.missing(option)
    return this.read(option) as NonNullable<ConfigMap[S][K]>
  }

  // compat: the words of Python's configparser
  missing(option: OptionName<S>): Error {
    this.flawed = true
    return refusal(`No option '${option}' in section: '${this.name}'`)
  }

  /** The value that counts, when it is not what was written. server.config goes on showing what was written. */
  set<K extends OptionName<S>>(option: K, value: ConfigMap[S][K]): void {
    if (value !== undefined) this.values[option] = value
  }

  /** Reads the rest, each option on its own: one that is no such value becomes a warning, and counts as not given. */
  readLeniently(except: readonly OptionName<S>[] = []): void {
    const wanted = Object.keys(this.options).filter(
      (option) => !(except as readonly string[]).includes(option),
    )
    for (const option of wanted as OptionName<S>[]) {
      try {
        this.read(option)
      } catch (thrown) {
        this.ignore(option, thrown)
      }
    }
  }

  /** The option's text cannot be used: it counts as not given, and a warning says why. */
  ignore(option: OptionName<S>, thrown: unknown): void {
    const value = this.fallback(option)
    if (value === undefined) delete this.values[option]
    else this.values[option] = value
    this.setup.warn(`${messageOf(thrown)}. It counts as not given`)
  }

  /** Every option with a value; those with a default always. */
  finish(): ConfigMap[S] {
    const all: Record<string, unknown> = {}
    for (const option of Object.keys(this.options)) {
      const value = option in this.values ? this.values[option] : this.options[option]?.default
      if (value !== undefined) all[option] = structuredClone(value)
    }
    return all as unknown as ConfigMap[S]
  }

  /** A refusal that names the option, the section and the place. */
  fault(option: OptionName<S>, problem: string, cause: unknown = null): Error {
    return refusal(`option '${option}' in section [${this.name}] ${problem}`, this.text(option), cause)
  }

  warn(text: string): void {
    this.setup.warn(text)
  }

  /** Says which options of a section that is served have no effect. */
  warnAboutUnread(): void {
    for (const [option, text] of this.section?.options ?? []) {
      if (Object.hasOwn(this.parsed, option)) continue
      const why = Object.hasOwn(this.options, option)
        ? 'has no effect beside what else is set there'
        : 'is not known and has no effect'
      this.setup.warn(`[${this.name}]: option '${option}' ${why} (${at(text)}). Correct or remove it`)
    }
  }

  /** compat: what Moonraker says of the options that a broken section left unread; nothing when one is no such value. */
  warnAboutUnparsed(): void {
    if (this.flawed) return
    const inherited = this.section === null ? [] : [...(this.setup.defaults?.options ?? [])]
    for (const [option, { value }] of new Map([...inherited, ...(this.section?.options ?? [])])) {
      if (Object.hasOwn(this.parsed, option)) continue
      this.setup.warn(
        `Unparsed config option '${option}: ${shown(option, value)}' detected in section [${this.name}].  ` +
          'This may be an option no longer available or could be the result of a module that failed to load.  ' +
          'In the future this will result in a startup error.',
      )
    }
  }

  /** The schema's default, and that the option was asked for. */
  private fallback(option: string): unknown {
    const schema = this.options[option]
    const value = schema?.default
    this.parsed[option] = value ?? null
    return schema?.template === true && typeof value === 'string'
      ? render(value, this.setup.templates)
      : value
  }

  private parse(option: OptionName<S>, found: OptionText, schema: Option): unknown {
    try {
      const text = schema.template === true ? render(found.value, this.setup.templates) : found.value
      const value = parseValue(text, schema)
      this.parsed[option] =
        schema.template === true || schema.type === 'string' ? shown(option, found.value) : value
      this.warnIfDeprecated(option)
      return value
    } catch (thrown) {
      this.flawed = true
      throw this.fault(option, messageOf(thrown), thrown)
    }
  }

  private warnIfDeprecated(option: string): void {
    if (!deprecated.includes(`${this.schema}.${option}`)) return
    this.setup.warn(
      `[${this.name}]: Option '${option}' is deprecated, see the configuration documentation at ` +
        'https://moonraker.readthedocs.io/en/latest/configuration/',
    )
  }
}
