import type { Job, MachineUpdateJobsListResult } from '../contract/generated/types.js'
import { CliFailure, exitCodes } from './io.js'
import { shortId } from './job-text.js'
import { readPages } from './pages.js'
import type { RpcClient } from './rpc-client.js'
import { oneLine } from './terminal-text.js'

/** A UUID is whole. */
const wholeLength = 36

const allJobs = async (client: RpcClient): Promise<readonly Job[]> => {
  const question = {
    method: 'machine.update.jobs.list',
    params: {},
    list: 'jobs',
    count: Infinity,
    offset: 0,
  }
  return (await readPages<MachineUpdateJobsListResult>(client, question)).jobs
}

/**
 * The id that is meant: a beginning that only one job has is enough.
 * @throws CliFailure when it is none's, or more than one's
 */
export const jobIdOf = async (client: RpcClient, given: string): Promise<string> => {
  if (given.length >= wholeLength) return given
  const jobs = await allJobs(client)
  const meant = [...new Set(jobs.map(({ id }) => id))].filter((id) => id.startsWith(given.toLowerCase()))
  const [only] = meant
  if (only !== undefined && meant.length === 1) return only
  const what =
    only === undefined
      ? `No job's id begins with '${oneLine(given)}'. \`moonkeeper jobs\` lists the jobs.`
      : `'${oneLine(given)}' begins the ids of ${meant.length} jobs: ${meant.map(shortId).join(', ')}. Give more of it.`
  throw new CliFailure(exitCodes.failed, what)
}
