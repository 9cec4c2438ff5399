// `npm run bench`: installs what is missing, builds, and runs the benchmarks. `npm run bench -- NAME` runs one of them.
import path from 'node:path'
import { installPackages, root, runOrExit } from './install.mjs'

installPackages()
runOrExit(process.execPath, [path.join(root, 'build/bundle.mjs')])
runOrExit(process.execPath, [path.join(root, 'bench/run.mjs'), ...process.argv.slice(2)])
