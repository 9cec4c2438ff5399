import type { Refusal } from './rpc-client.js'

/** What to do next, by the code of docs/errors.md: where the server's message does not say it for this client. */
const nextSteps: Readonly<Record<string, string>> = {
  unknown_application: '`moonkeeper status` lists the applications.',
  unknown_version: '`moonkeeper versions NAME` lists what can be had and what is kept.',
  unknown_job: '`moonkeeper jobs` lists the jobs.',
  job_not_prepared: '`moonkeeper jobs` tells the state of each.',
  already_running: '`moonkeeper jobs` shows what runs, `moonkeeper log -f` how it goes.',
  already_queued: '`moonkeeper jobs` shows it, `moonkeeper jobs cancel ID` drops it.',
  plan_changed: '`moonkeeper plan` shows what would be done now, and its hash.',
  needs_plan_hash: '`moonkeeper plan` shows it, and the command that accepts it.',
  printing: 'With --when idle it waits for the end of the print.',
  recovery_while_printing: 'With --when idle it waits for the end of the print.',
  unauthorized: 'Name a file that holds the API key with --api-key-file.',
  method_not_found: 'The server is another one, or older than this client.',
}

/** What the server said against it, its code, and what to do next. */
export const explained = ({ message, reason }: Refusal): string => {
  if (reason === null) return message
  const next = Object.hasOwn(nextSteps, reason) ? `\n${nextSteps[reason]}` : ''
  return `${message} [${reason}]${next}`
}
