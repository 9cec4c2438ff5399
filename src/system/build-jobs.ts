import { availableParallelism } from 'node:os'
import type { Files } from './files.js'

/** What one compiler may need. A job more than fits ends in swapping, or in the kernel ending somebody: Klipper, say. */
const memoryOfOne = 512 * 1024 * 1024

/** Bytes that programs can still have without swapping; null where the kernel does not tell. */
const availableMemory = async (files: Pick<Files, 'readText'>): Promise<number | null> => {
  const text = await files.readText('/proc/meminfo')
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text ?? '')?.[1]
  return kib === undefined ? null : Number(kib) * 1024
}

/** How many things may be built at once: as many as have memory, at most one a processor. */
export const buildJobs = async (
  files: Pick<Files, 'readText'>,
  processors = availableParallelism(),
): Promise<number> => {
  const memory = await availableMemory(files)
  const fitting = memory === null ? 1 : Math.floor(memory / memoryOfOne)
  return Math.max(1, Math.min(processors, fitting))
}

/** The same as the environment of a build: make, CMake, ninja by way of setuptools, cargo and npm's node-gyp read it. */
export const buildEnvironment = async (
  files: Pick<Files, 'readText'>,
  processors = availableParallelism(),
): Promise<Readonly<Record<string, string>>> => {
  const jobs = String(await buildJobs(files, processors))
  return {
    MAKEFLAGS: `-j${jobs}`,
    CMAKE_BUILD_PARALLEL_LEVEL: jobs,
    CARGO_BUILD_JOBS: jobs,
    MAX_JOBS: jobs,
    NPY_NUM_BUILD_JOBS: jobs,
    JOBS: jobs,
  }
}
