import tseslint from 'typescript-eslint'

/** Imports go downwards only: a folder may import itself, the ones after it, and the leaves. */
const layers = [
  'main',
  'app',
  'transport|dialects|cli|demo',
  'rpc',
  'methods',
  'engine',
  'updaters',
  'machine|klippy',
  'system',
]

/** Every library is imported in one place, so that it can be replaced in one place. */
const homes = {
  ws: ['src/transport/websocket.ts', 'src/cli/rpc-client.ts'],
  'json-rpc-2.0': ['src/rpc/dispatcher.ts'],
  execa: ['src/system/commands.ts'],
  pino: ['src/system/log.ts'],
  chokidar: ['src/system/watch.ts'],
}

const libraryBans = (allowed) =>
  Object.keys(homes)
    .filter((name) => !allowed.includes(name))
    .map((name) => ({ name, message: `${name} is imported in ${homes[name].join(', ')} only` }))

const layerRule = (index) => ({
  files: layers[index].split('|').flatMap((name) => [`src/${name}.ts`, `src/${name}/**/*.ts`]),
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: libraryBans([]),
        patterns: layers.slice(0, index).map((upper) => ({
          regex: `^\\.\\.?/(?:.*/)?(${upper})(\\.js|/)`,
          message: `${layers[index]} must not import from ${upper}: imports go downwards`,
        })),
      },
    ],
  },
})

const homeRules = Object.entries(homes).flatMap(([name, files]) =>
  files.map((file) => ({
    files: [file],
    rules: { 'no-restricted-imports': ['error', { paths: libraryBans([name]) }] },
  })),
)

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
  ...layers.map((_, index) => layerRule(index)),
  ...homeRules,
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'only main.ts touches process' }],
    },
  },
)
