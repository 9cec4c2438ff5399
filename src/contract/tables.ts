import type { Scope } from './requester.js'

/** The shapes of the tables that are generated from schemas/. */

export type Transport = 'websocket' | 'http' | 'unix'

export interface Parameter {
  readonly name: string
  readonly type: string | readonly string[]
  readonly required: boolean
  readonly default?: unknown
  /** Its value may stand in no log and in no error. */
  readonly secret?: boolean
  /** What it asks for needs more than the method: an order, that is. */
  readonly scope?: Scope
}

export interface MethodEntry {
  /** Who may call it; `open`: anybody. */
  readonly scope: Scope | 'open'
  /** Klipper's endpoint that it is passed to as it came; without one it is ours. */
  readonly klipper?: string
  readonly http: { readonly verb: string; readonly path: string } | null
  readonly transports: readonly string[]
  readonly params: readonly Parameter[]
}

export type MethodTable = Readonly<Record<string, MethodEntry>>

/** One option of a section of the configuration, as its schema describes it. */
export interface Option {
  readonly type: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  /** Lists: what separates the items. `lines`, `spaces`, or the character itself. */
  readonly separator?: string
  /** `{data_path}` and the like are replaced. */
  readonly template?: boolean
  readonly items?: { readonly type: string }
}

export type OptionTable = Readonly<Record<string, Readonly<Record<string, Option>>>>

/** By shape, then by field: the type that its schema gives it. */
export type FieldTable = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

export interface Mistake {
  readonly instancePath: string
  readonly message?: string
  readonly keyword?: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** A compiled JSON schema; `errors` describes the last refusal. */
export interface Validate {
  (value: unknown): boolean
  errors?: readonly Mistake[] | null
}
