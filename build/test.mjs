// `npm test`: installs what is missing, builds, runs every check and every test.
// `npm run crash` and the like run one long suite whole.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { checks } from './check.mjs'
import { installPackages, root, runOrExit } from './install.mjs'
import { installNeeds } from './needs.mjs'

const long = { crash: 'test/crash', soak: 'test/soak' }

const testFiles = (folder) =>
  readdirSync(path.join(root, 'dist/compiled', folder), { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => path.join('dist/compiled', folder, name))
    .sort()

const [suite] = process.argv.slice(2)
if (suite !== undefined && !(suite in long)) {
  console.error(`There is no suite '${suite}'. There is: ${Object.keys(long).join(', ')}`)
  process.exit(2)
}

installPackages()
installNeeds()
if (suite === undefined) checks()
else runOrExit(path.join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'])
runOrExit(process.execPath, [path.join(root, 'build/bundle.mjs')])
const files = testFiles(suite === undefined ? 'test' : long[suite])
// The limit is a file's, too: a whole suite takes hours on a small machine.
const timeout = suite === undefined ? 1_500_000 : 12 * 3_600_000
// This reporter tells what failed once more at the end, where it is seen.
const flags = ['--test', '--test-concurrency=2', '--test-reporter=spec', `--test-timeout=${timeout}`]
runOrExit(process.execPath, [...flags, ...files], {
  env: { ...process.env, ...(suite === undefined ? {} : { MOONKEEPER_WHOLE_SUITE: '1' }) },
})
