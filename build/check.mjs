// Every check that is no test, in the order of what is quickest to mend.
import path from 'node:path'
import { root, runOrExit } from './install.mjs'

const bin = (name) => path.join(root, 'node_modules/.bin', name)

export const checks = () => {
  runOrExit(process.execPath, [path.join(root, 'build/generate.mjs'), '--check'])
  runOrExit(bin('tsc'), ['-p', 'tsconfig.json'])
  runOrExit(bin('eslint'), ['.', '--max-warnings', '0'])
  runOrExit(bin('prettier'), ['--check', '--log-level', 'warn', '.'])
  runOrExit(bin('knip'), [])
}

if (process.argv[1] === path.join(root, 'build/check.mjs')) checks()
