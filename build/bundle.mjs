// One file that runs anywhere Node >= 20.19 does: dist/moonkeeper.js, and the command `moonkeeper` in this folder.
import { chmod, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const outfile = path.join(root, 'dist/moonkeeper.js')
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))

// Some libraries are CommonJS and ask for Node's own modules with require().
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as moonkeeperRequire } from 'node:module'",
  'const require = moonkeeperRequire(import.meta.url)',
].join('\n')

await build({
  entryPoints: [path.join(root, 'src/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minifySyntax: true,
  legalComments: 'linked',
  banner: { js: banner },
  define: { MOONKEEPER_VERSION: JSON.stringify(version) },
  // Optional native speed-ups of ws, which are not used.
  external: ['bufferutil', 'utf-8-validate'],
  logLevel: 'warning',
})
await chmod(outfile, 0o755)

/** `npx moonkeeper` in this folder runs what was just built. */
const bin = path.join(root, 'node_modules/.bin')
await mkdir(bin, { recursive: true })
await rm(path.join(bin, 'moonkeeper'), { force: true })
await symlink('../../dist/moonkeeper.js', path.join(bin, 'moonkeeper'))
