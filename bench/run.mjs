// Runs the benchmarks, or the one that is named, against the bundle that build/bench.mjs has built.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import * as fanout from './fanout.mjs'
import * as idle from './idle.mjs'
import * as memory from './memory.mjs'
import * as refresh from './refresh.mjs'
import * as start from './start.mjs'
import * as status from './status.mjs'
import * as upgrade from './upgrade.mjs'
import * as web from './web.mjs'
import { endAll } from './processes.mjs'
import { figureLines } from './report.mjs'
import { judged } from './statistics.mjs'

const benchmarks = [start, memory, status, fanout, refresh, upgrade, web, idle]

const chosen = (names) => {
  const known = benchmarks.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return benchmarks.filter(({ name }) => names.length === 0 || names.includes(name))
  console.error(`There is no benchmark '${unknown[0]}'. There is: ${known.join(', ')}`)
  process.exit(2)
}

const machineFacts = () => {
  const cores = os.cpus()
  return {
    cores: cores.length,
    cpu: cores[0]?.model ?? '?',
    memory: Math.round(os.totalmem() / 1e9),
    node: process.versions.node,
    load: os.loadavg()[0],
  }
}

const runAll = async (wanted, context) => {
  const results = {}
  for (const benchmark of wanted) {
    context.say(`\n${benchmark.title}`)
    const figures = (await benchmark.measure(context)).map(judged)
    figures.flatMap(figureLines).forEach(context.say)
    results[benchmark.name] = { title: benchmark.title, figures }
  }
  return results
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const wanted = chosen(positionals)
const folder = mkdtempSync(path.join(os.tmpdir(), 'moonkeeper-bench-'))
const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
// A copy: whoever builds meanwhile does not change what is measured.
const bundle = path.join(folder, 'moonkeeper.mjs')
copyFileSync(path.join(import.meta.dirname, '../dist/moonkeeper.js'), bundle)
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await endAll()
    removeFolder()
    process.exit(1)
  })

const say = values.json ? (line) => console.error(line) : (line) => console.log(line)
const facts = machineFacts()
say(
  `${facts.cores} cores (${facts.cpu}), ${facts.memory} GB, Node ${facts.node}, load ${facts.load.toFixed(1)}`,
)
say('Medians, and the smallest and largest of the rounds. "times": how many times what it is compared with.')
const began = performance.now()
try {
  const results = await runAll(wanted, { folder, bundle, say })
  const seconds = Math.round((performance.now() - began) / 1000)
  say(`\nTook ${seconds} s.`)
  if (values.json) console.log(JSON.stringify({ machine: facts, seconds, results }, null, 2))
} finally {
  await endAll()
  removeFolder()
}
