import openrpc from '../contract/generated/openrpc.json' with { type: 'json' }
import { Serialized } from '../contract/serialized.js'
import type { Method } from './context.js'

let document: Serialized<Record<string, unknown>> | null = null

/** The document never changes while the process lives: it is serialised once, when it is first asked for. */
export const method: Method<'rpc.discover'> = {
  handle: async () => (document ??= Serialized.of<Record<string, unknown>>(openrpc)),
}
