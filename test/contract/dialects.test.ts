import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import * as validators from '../../src/contract/generated/dialects.js'
import type { Validate } from '../../src/contract/tables.js'
import { projectRoot } from '../support/daemon.js'

const folder = path.join(projectRoot, 'schemas/dialects')

const shapeOf = (file: string): string =>
  path
    .basename(file, '.json')
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

for (const file of readdirSync(folder))
  test(`the examples of ${file} are what it says`, () => {
    const { examples } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { examples: unknown[] }
    const validate = (validators as Readonly<Record<string, Validate>>)[shapeOf(file)]
    assert.ok(validate)
    assert.ok(examples.length > 0)
    for (const example of examples) assert.ok(validate(example), JSON.stringify([example, validate.errors]))
  })
