// docs/api.md: one section a method, from its schema.
const row = (name, value, required) => {
  const type = Array.isArray(value.type) ? value.type.join(' or ') : (value.type ?? 'any')
  const scope = 'x-scope' in value ? ` Needs the scope ${value['x-scope']}.` : ''
  const fallback =
    'default' in value ? `\`${JSON.stringify(value.default)}\`` : required ? 'required' : 'none'
  return `| \`${name}\` | ${type} | ${fallback} | ${value.description ?? ''}${scope} |`
}

const parameters = (schema) => {
  const rows = Object.entries(schema.params.properties ?? {}).map(([name, value]) =>
    row(name, value, (schema.params.required ?? []).includes(name)),
  )
  if (rows.length === 0) return 'No parameters.\n'
  return `| parameter | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const example = (schema) => {
  const [first] = schema.examples ?? []
  if (first === undefined) return ''
  return `\n\`\`\`json\n${JSON.stringify(first, null, 2)}\n\`\`\`\n`
}

const hasOrders = ({ params }) => Object.values(params.properties ?? {}).some((value) => 'x-scope' in value)

/** Klipper's own take both; so does what may be told to do more than look, then with POST. */
const verbOf = ({ klipper, http, params }) =>
  klipper === undefined && !hasOrders({ params })
    ? http.verb
    : `${http.verb} (or ${http.verb === 'GET' ? 'POST' : 'GET'})`

const section = ([name, schema]) => {
  const http = schema.http ? `\`${verbOf(schema)} ${schema.http.path}\`` : 'not over HTTP'
  return `## ${name}\n\n${schema.description}\n\nHTTP: ${http}. Scope: ${schema.scope}\n\n${parameters(schema)}${example(schema)}`
}

/** Without params there is nothing to show. */
const notification = ([name, schema]) => {
  const { description, params } = schema
  if (!Array.isArray(params)) return `## ${name}\n\n${description}\n${example(schema)}`
  if (params.length === 0) return `## ${name}\n\n${description}\n\nWithout params.\n`
  return `## ${name}\n\n${description}\n\nThe whole list of params:\n${example(schema)}`
}

/** The whole page. */
export const apiPage = (schemas) =>
  [
    '<!-- Generated from schemas/ by build/generate.mjs. Do not edit. -->\n',
    '# API\n',
    'JSON-RPC 2.0 over WebSocket (`/websocket`), HTTP (`POST /server/jsonrpc` or the paths below) and a Unix socket',
    "(frames ended by 0x03). It is Moonraker's API as far as it is served here; differences stand in compatibility.md.\n",
    ...Object.entries(schemas.methods).map(section),
    '# Notifications\n',
    ...Object.entries(schemas.notifications).map(notification),
  ].join('\n')
