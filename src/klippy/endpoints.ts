/** What Klipper and this server have between themselves. */
const reserved = new Set(['list_endpoints', 'gcode/subscribe_output', 'register_remote_method'])

/** What may stand in a path and in a method's name as it is. */
const isPlain = (endpoint: string): boolean => /^[a-z0-9_]+(?:\/[a-z0-9_]+)*$/i.test(endpoint)

/**
 * compat: Klipper's endpoint `gcode/script` is the method `printer.gcode.script`, and the path /printer/gcode/script.
 * What Klipper once offered stays a method while it is away: then it is refused as not connected.
 */
export class Endpoints {
  readonly #byMethod = new Map<string, string>()

  /** What Klipper offers. */
  learn(endpoints: readonly string[]): void {
    for (const endpoint of endpoints) {
      const name = endpoint.replace(/^\/+|\/+$/g, '')
      if (isPlain(name) && !reserved.has(name)) this.#byMethod.set(methodOf(name), name)
    }
  }

  /** @returns Klipper's endpoint; null when it never offered one for this method */
  of(method: string): string | null {
    return this.#byMethod.get(method) ?? null
  }
}

const methodOf = (endpoint: string): string => `printer.${endpoint.replaceAll('/', '.')}`
