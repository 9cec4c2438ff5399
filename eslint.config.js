import path from 'node:path'
import tseslint from 'typescript-eslint'

const source = path.join(import.meta.dirname, 'src')

/** From the top down: the parts of src in one line know nothing of each other, but for the first two lines. */
const layers = [
  ['main'],
  ['serve', 'app', 'parts'],
  ['transport', 'dialects', 'cli', 'demo'],
  ['rpc'],
  ['methods'],
  ['engine'],
  ['doctor'],
  ['updaters'],
  ['agents', 'announcements', 'webcams'],
  ['images'],
  ['dependencies'],
  ['machine', 'klippy', 'releases', 'python', 'database', 'access', 'roots'],
  ['system'],
]
const composition = layers[1]

/** All may use these; they use only each other, from left to right, and `system`. */
const leaves = { config: ['contract', 'system'], contract: [] }

/** Every library is imported in one place, so that it can be replaced in one place. `process` is main's. */
const homes = {
  ws: ['transport/websocket.ts', 'cli/rpc-client.ts'],
  'json-rpc-2.0': ['rpc/dispatcher.ts'],
  execa: ['system/commands.ts'],
  pino: ['system/log.ts'],
  chokidar: ['system/watch.ts'],
  yauzl: ['releases/archive/zip-file.ts'],
  '@jellybrick/dbus-next': ['system/dbus.ts'],
  '@renovatebot/pep440': ['python/versions.ts'],
  ajv: ['../build/generate.mjs'],
  'node:process': ['main.ts'],
  process: ['main.ts'],
}

/** The part of src that a file belongs to: a folder, or a file beside them. */
const partOf = (file) =>
  path
    .relative(source, file)
    .split(path.sep)[0]
    .replace(/\.[jt]s$/, '')

const layerOf = (part) => layers.findIndex((layer) => layer.includes(part))

const mayImport = (from, to) => {
  if (from === to) return true
  if (from in leaves) return leaves[from].includes(to)
  if (to in leaves) return true
  if (composition.includes(from) && composition.includes(to)) return true
  return layerOf(to) > layerOf(from)
}

/** @returns what is wrong with an import, or null */
const layerProblem = (file, specifier) => {
  const target = path.resolve(path.dirname(file), specifier)
  if (path.relative(source, target).startsWith('..')) return 'src imports nothing from outside of it'
  const [from, to] = [partOf(file), partOf(target)]
  for (const part of [from, to])
    if (!(part in leaves) && layerOf(part) < 0)
      return `${part} is in no layer: give it one in eslint.config.js`
  return mayImport(from, to) ? null : `${from} must not import from ${to}: imports go downwards`
}

const homeProblem = (file, specifier) => {
  const [scope, name] = specifier.split('/')
  const library = specifier.startsWith('@') ? `${scope}/${name}` : scope
  if (library.startsWith('node:') && !(library in homes)) return null
  const places = homes[library]
  if (places === undefined) return `${library} has no home: give it one in eslint.config.js`
  const here = path.relative(source, file)
  return places.includes(here) ? null : `${library} is imported in ${places.join(', ')} only`
}

/** A rule of our own, because the options of no-restricted-imports replace each other where they meet. */
const imports = {
  create: (context) => {
    const check = (node) => {
      const specifier = node?.value
      if (typeof specifier !== 'string') return
      const problem = specifier.startsWith('.') ? layerProblem : homeProblem
      const message = problem(context.filename, specifier)
      if (message !== null) context.report({ node, message })
    }
    return {
      ImportDeclaration: ({ source: node }) => check(node),
      ExportNamedDeclaration: ({ source: node }) => check(node),
      ExportAllDeclaration: ({ source: node }) => check(node),
      ImportExpression: ({ source: node }) => check(node),
      TSImportType: ({ source: node }) => check(node),
    }
  },
}

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'printer_data', 'src/contract/generated'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({
    ...config,
    files: ['src/**/*.ts', 'test/**/*.ts'],
  })),
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: ['test', 'it', 'describe'] },
      ],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'build/*.mjs', 'bench/*.mjs'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 10],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { moonkeeper: { rules: { imports } } },
    rules: { 'moonkeeper/imports': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'only main.ts touches process' }],
    },
  },
)
