/** What templates may name: `data_path`, and `secrets`, whose values are never shown. */
export type TemplateContext = Readonly<Record<string, unknown>>

const lookup = (context: TemplateContext, names: readonly string[]): unknown => {
  let value: unknown = context
  for (const name of names) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** `a.b`, `a['b']` and `a["b"]` as a list of names; null for anything else. */
const namesOf = (expression: string): readonly string[] | null => {
  const text = expression.trim().replace(/\[\s*(?:'([^']*)'|"([^"]*)")\s*\]/g, '.$1$2')
  const names = text.split('.').map((name) => name.trim())
  return names.every((name) => /^[\w-]+$/.test(name)) ? names : null
}

/**
 * Replaces `{name}` and `{name.inner}`. Moonraker's templates can do more; here they name values.
 * @throws Error that names the expression, never a value
 */
export const render = (text: string, context: TemplateContext): string =>
  text
    .replace(/\{([^{}]*)\}/g, (_, expression: string) => {
      const names = namesOf(expression)
      if (names === null)
        throw new Error(`{${expression}} is not understood; write {data_path} or {secrets.section.option}`)
      const value = lookup(context, names)
      if (value === undefined || value === null) throw new Error(`{${expression.trim()}} is not defined`)
      if (typeof value === 'object') throw new Error(`{${expression.trim()}} is not a single value`)
      // eslint-disable-next-line @typescript-eslint/no-base-to-string -- objects were refused above
      return String(value)
    })
    .trim()
