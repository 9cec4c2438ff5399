import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { methods } from '../../src/methods/index.js'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..')

interface Schema {
  readonly params: object
  readonly result: object
  readonly examples: readonly { readonly params: unknown; readonly result: unknown }[]
}

const namesIn = async (folder: string, ending: string): Promise<string[]> => {
  const files = await readdir(path.join(root, folder), { withFileTypes: true })
  return files
    .filter((file) => file.isFile() && file.name.endsWith(ending))
    .map(({ name }) => name.slice(0, -ending.length))
    .sort()
}

/** Schemas name the shapes in types/ by their file; here the bare name does. */
const read = async (file: string): Promise<unknown> => {
  const text = await readFile(path.join(root, file), 'utf8')
  return JSON.parse(text.replace(/("\$ref":\s*")types\/([^"]+)\.json"/g, '$1$2"'))
}

/** With every shape of schemas/types/ known. */
const validator = async (): Promise<Ajv2020> => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
  // What an argument needs beyond its method.
  ajv.addKeyword('x-scope')
  for (const name of await namesIn('schemas/types', '.json'))
    ajv.addSchema({ ...((await read(`schemas/types/${name}.json`)) as object), $id: name })
  return ajv
}

const assertValid = (ajv: Ajv2020, schema: object, value: unknown): void => {
  assert.ok(ajv.validate(schema, value), ajv.errorsText())
}

test('every schema has a handler and every handler a schema, by name', async () => {
  const schemas = await namesIn('schemas/methods', '.json')
  const files = (await namesIn('src/methods', '.ts')).filter((name) => name !== 'index' && name !== 'context')
  assert.deepEqual(files, schemas)
  assert.deepEqual(Object.keys(methods).sort(), schemas)
})

describe('examples of methods', async () => {
  const ajv = await validator()
  for (const name of await namesIn('schemas/methods', '.json'))
    test(name, async () => {
      const schema = (await read(`schemas/methods/${name}.json`)) as Schema
      assert.ok(schema.examples.length > 0, 'no examples')
      for (const example of schema.examples) {
        assertValid(ajv, { additionalProperties: false, ...schema.params }, example.params)
        assertValid(ajv, schema.result, example.result)
      }
    })
})

describe('examples of notifications', async () => {
  const ajv = await validator()
  for (const name of await namesIn('schemas/notifications', '.json'))
    test(name, async () => {
      const { params, examples } = (await read(`schemas/notifications/${name}.json`)) as Notification
      assert.ok(examples.length > 0, 'no examples')
      for (const example of examples) {
        if (!Array.isArray(params)) assertValid(ajv, params, example)
        else assertValid(ajv, exactly(params as object[]), example)
      }
    })
})

interface Notification {
  /** The only parameter, or a list of all of them. */
  readonly params: object
  readonly examples: readonly unknown[]
}

const exactly = (items: readonly object[]): object => ({
  type: 'array',
  minItems: items.length,
  items: false,
  ...(items.length === 0 ? {} : { prefixItems: items }),
})
