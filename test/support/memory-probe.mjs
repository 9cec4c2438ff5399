// Loaded into the daemon under test with --import: writes down its memory when it is asked with SIGUSR2.
// Needs --expose-gc: what is waiting to be collected is nobody's.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

const file = process.env.MEMORY_FILE

process.on('SIGUSR2', () => {
  for (let times = 0; times < 4; times += 1) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024
  writeFileSync(`${file}.new`, JSON.stringify({ live: heapUsed + external, resident }))
  renameSync(`${file}.new`, file)
})
