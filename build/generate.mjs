// Generates everything that follows from schemas/: types, validators, tables, the OpenRPC document, docs/api.md and the
// tables of docs/configuration.md.
// `--check` writes nothing and fails when a generated file is stale.
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standaloneModule from 'ajv/dist/standalone/index.js'
import { compile } from 'json-schema-to-typescript'
import prettier from 'prettier'
import { apiPage } from './api-page.mjs'
import { errorsPage } from './errors-page.mjs'
import { optionsPage } from './options-page.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const banner = '// Generated from schemas/ by build/generate.mjs. Do not edit.\n'
const standalone = standaloneModule.default ?? standaloneModule

const readSchemas = async (folder) => {
  const names = (await readdir(path.join(root, 'schemas', folder)))
    .filter((name) => name.endsWith('.json'))
    .sort()
  const entries = names.map(async (name) => {
    const text = await readFile(path.join(root, 'schemas', folder, name), 'utf8')
    return [name.slice(0, -5), JSON.parse(text)]
  })
  return Object.fromEntries(await Promise.all(entries))
}

export const loadSchemas = async () => ({
  methods: await readSchemas('methods'),
  notifications: await readSchemas('notifications'),
  config: await readSchemas('config'),
  state: await readSchemas('state'),
  types: await readSchemas('types'),
  dialects: await readSchemas('dialects'),
  errors: JSON.parse(await readFile(path.join(root, 'schemas/errors.json'), 'utf8')).errors,
})

const pascal = (name) =>
  name.replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase())

/** Rewrites {"$ref": "types/x.json"} with `to`, and drops what only this project reads. */
const rewrite = (node, to) => {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, to))
  if (node === null || typeof node !== 'object') return node
  const out = {}
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref') out.$ref = to(value.replace(/^(?:\.\.\/)?types\//, '').replace(/\.json$/, ''))
    else if (key !== 'examples' && !key.startsWith('x-')) out[key] = rewrite(value, to)
  }
  return out
}

/** A notification's params: one schema for the usual list of one, or a list with a schema for each; none are left out. */
const listOf = (schemas) => ({
  type: 'array',
  items: schemas,
  minItems: schemas.length,
  maxItems: schemas.length,
})

const notificationShape = (name, { params }) => {
  if (Array.isArray(params)) return listOf(params)
  if (params.type === 'array')
    throw new Error(`${name}: a single parameter that is a list is written as [list]`)
  return params
}

const closed = (schema) => ({ additionalProperties: false, ...schema, type: 'object' })

/** An option with a default is always present, one without is absent or given. */
const configShape = (schema) =>
  closed({
    description: schema.description,
    properties: schema.properties,
    required: Object.keys(schema.properties).filter((key) => 'default' in schema.properties[key]),
  })

const typeDefinitions = (schemas) => {
  const local = (name) => `#/definitions/${pascal(name)}`
  const definitions = {}
  const add = (name, schema) => {
    definitions[name] = rewrite({ ...schema, title: name }, local)
  }
  for (const [name, schema] of Object.entries(schemas.types)) add(pascal(name), schema)
  // What is stored as it is shown has its type already.
  for (const [name, schema] of Object.entries(schemas.state))
    if (!('$ref' in schema)) add(pascal(name), schema)
  for (const [name, schema] of Object.entries(schemas.dialects)) add(pascal(name), schema)
  for (const [name, schema] of Object.entries(schemas.config))
    add(`${pascal(name)}Options`, configShape(schema))
  for (const [name, schema] of Object.entries(schemas.methods)) {
    add(`${pascal(name)}Params`, closed(schema.params))
    add(`${pascal(name)}Result`, schema.result)
  }
  for (const [name, schema] of Object.entries(schemas.notifications))
    add(`${pascal(name)}Params`, notificationShape(name, schema))
  return definitions
}

const mapOf = (title, names, value) =>
  `export interface ${title} {\n${names.map((name) => `  '${name}': ${value(name)}`).join('\n')}\n}\n`

const generateTypes = async (schemas) => {
  const definitions = typeDefinitions(schemas)
  const all = Object.keys(definitions)
  const holder = {
    title: 'AllSchemas',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(all.map((name) => [name, { $ref: `#/definitions/${name}` }])),
    definitions,
  }
  const text = await compile(holder, 'AllSchemas', {
    bannerComment: '',
    format: false,
    unreachableDefinitions: true,
  })
  const types = text.replace(/export interface AllSchemas \{[\s\S]*?\n\}\n/, '')
  const methods = Object.keys(schemas.methods)
  return [
    banner,
    types,
    mapOf('MethodMap', methods, (name) => `{ params: ${pascal(name)}Params; result: ${pascal(name)}Result }`),
    mapOf('NotificationMap', Object.keys(schemas.notifications), (name) => `${pascal(name)}Params`),
    mapOf('ConfigMap', Object.keys(schemas.config), (name) => `${pascal(name)}Options`),
    'export type MethodName = keyof MethodMap\n',
  ].join('\n')
}

const scopes = ['open', 'read', 'update', 'admin']

/** Who may call a method is never left to chance. */
const scopeOf = (name, schema) => {
  if (scopes.includes(schema.scope)) return schema.scope
  throw new Error(`schemas/methods/${name}.json: "scope" must be one of ${scopes.join(', ')}`)
}

const parameterTable = (schema) =>
  Object.entries(schema.params.properties ?? {}).map(([name, property]) => ({
    name,
    type: property.type ?? 'any',
    required: (schema.params.required ?? []).includes(name),
    ...('default' in property ? { default: property.default } : {}),
    ...(property.writeOnly === true ? { secret: true } : {}),
    ...('x-scope' in property ? { scope: property['x-scope'] } : {}),
  }))

/** What a form, which has nothing but text, is read with. */
const fieldTypes = (schemas) =>
  Object.fromEntries(
    Object.entries(schemas.dialects).map(([name, { properties }]) => [
      pascal(name),
      Object.fromEntries(Object.entries(properties).map(([field, { type }]) => [field, type])),
    ]),
  )

const generateTables = (schemas) => {
  const status = Object.entries(schemas.errors).map(([code, error]) => [code, error.status])
  const methods = Object.fromEntries(
    Object.entries(schemas.methods).map(([name, schema]) => [
      name,
      {
        scope: scopeOf(name, schema),
        ...(schema.klipper === undefined ? {} : { klipper: schema.klipper }),
        http: schema.http ?? null,
        transports: schema.transports,
        params: parameterTable(schema),
      },
    ]),
  )
  const config = Object.fromEntries(
    Object.entries(schemas.config).map(([name, schema]) => [name, schema.properties]),
  )
  return [
    banner,
    "import type { FieldTable, MethodTable, OptionTable } from '../tables.js'\n",
    `export const methodTable: MethodTable = ${JSON.stringify(methods, null, 2)}\n`,
    `export const errorStatus = ${JSON.stringify(Object.fromEntries(status), null, 2)} as const\n`,
    `export const optionTable: OptionTable = ${JSON.stringify(config, null, 2)}\n`,
    `export const dialectFields: FieldTable = ${JSON.stringify(fieldTypes(schemas), null, 2)}\n`,
  ].join('\n')
}

const validatorSources = (schemas) => {
  const sources = {}
  for (const [name, schema] of Object.entries(schemas.methods))
    sources[`${pascal(name)}Params`] = closed(schema.params)
  for (const [name, schema] of Object.entries(schemas.state)) sources[pascal(name)] = schema
  return sources
}

const requireToImport = (code) => {
  const imports = []
  const body = code.replace(/require\("([^"]+)"\)(\.default)?/g, (_, name, suffix) => {
    imports.push(`import r${imports.length} from '${name}.js'`)
    return `r${imports.length - 1}${suffix ?? ''}`
  })
  return `${imports.join('\n')}\n${body}`
}

/** @param allErrors for those who tell them by field; bodies there are small */
const compileValidators = (schemas, sources, allErrors) => {
  const ajv = new Ajv2020({
    code: { source: true, esm: true },
    strict: true,
    allErrors,
    allowUnionTypes: true,
  })
  const byFile = (name) => `/types/${name}.json`
  for (const [name, schema] of Object.entries(schemas.types))
    ajv.addSchema({ ...rewrite(schema, byFile), $id: byFile(name) })
  const exported = {}
  for (const [name, schema] of Object.entries(sources)) {
    ajv.addSchema({ ...rewrite(schema, byFile), $id: name })
    exported[name] = name
  }
  const declarations = Object.keys(exported).map((name) => `export declare const ${name}: Validate\n`)
  return {
    js: banner + requireToImport(standalone(ajv, exported)),
    dts: `${banner}import type { Validate } from '../tables.js'\n\n${declarations.join('')}`,
  }
}

const generateValidators = (schemas) => compileValidators(schemas, validatorSources(schemas), false)

const generateDialectValidators = (schemas) => {
  const sources = Object.entries(schemas.dialects).map(([name, schema]) => [pascal(name), schema])
  return compileValidators(schemas, Object.fromEntries(sources), true)
}

const openrpcMethod = (name, schema) => {
  const required = schema.params.required ?? []
  const inline = (node) => rewrite(node, (type) => `#/components/schemas/${pascal(type)}`)
  return {
    name,
    description: schema.description,
    'x-scope': schema.scope,
    paramStructure: 'by-name',
    params: Object.entries(schema.params.properties ?? {}).map(([key, value]) => ({
      name: key,
      required: required.includes(key),
      ...(value.description ? { description: value.description } : {}),
      schema: inline(value),
    })),
    result: { name: 'result', schema: inline(schema.result) },
  }
}

const generateOpenrpc = (schemas) => {
  const inline = (node) => rewrite(node, (type) => `#/components/schemas/${pascal(type)}`)
  const components = Object.entries(schemas.types).map(([name, schema]) => [pascal(name), inline(schema)])
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Moonkeeper',
      version: '1.5.0',
      description: "Moonraker's API, as far as Moonkeeper serves it.",
    },
    methods: Object.entries(schemas.methods).map(([name, schema]) => openrpcMethod(name, schema)),
    components: { schemas: Object.fromEntries(components) },
  }
}

/** The example stands in the program too: `serve --demo` makes a configuration of it. */
const generateExample = async () => {
  const text = await readFile(path.join(root, 'moonraker.conf.example'), 'utf8')
  const source = '// Generated from moonraker.conf.example by build/generate.mjs. Do not edit.\n'
  return `${source}\nexport const exampleConfiguration = ${JSON.stringify(text)}\n`
}

/** Written by hand but for its tables, and formatted like what is written by hand. */
const generateOptions = async (schemas) => {
  const file = path.join(root, 'docs/configuration.md')
  const page = optionsPage(await readFile(file, 'utf8'), schemas.config)
  return prettier.format(page, { ...(await prettier.resolveConfig(file)), parser: 'markdown' })
}

export const generateAll = async () => {
  const schemas = await loadSchemas()
  const validators = generateValidators(schemas)
  const dialects = generateDialectValidators(schemas)
  const folder = 'src/contract/generated'
  return {
    [`${folder}/types.ts`]: await generateTypes(schemas),
    [`${folder}/tables.ts`]: generateTables(schemas),
    [`${folder}/validators.js`]: validators.js,
    [`${folder}/validators.d.ts`]: validators.dts,
    [`${folder}/dialects.js`]: dialects.js,
    [`${folder}/dialects.d.ts`]: dialects.dts,
    [`${folder}/example-conf.ts`]: await generateExample(),
    [`${folder}/openrpc.json`]: `${JSON.stringify(generateOpenrpc(schemas), null, 1)}\n`,
    'docs/api.md': apiPage(schemas),
    'docs/errors.md': errorsPage(schemas.errors),
    'docs/configuration.md': await generateOptions(schemas),
  }
}

const main = async () => {
  const check = process.argv.includes('--check')
  const stale = []
  for (const [name, text] of Object.entries(await generateAll())) {
    const file = path.join(root, name)
    const current = await readFile(file, 'utf8').catch(() => '')
    if (current === text) continue
    stale.push(name)
    if (check) continue
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  if (check && stale.length > 0) {
    console.error(`Stale: ${stale.join(', ')}. Run "npm run generate" and commit what it changes.`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
