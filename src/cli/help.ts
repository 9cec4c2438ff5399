import { commands } from './commands/index.js'
import type { Command } from './command.js'
import { pad } from './terminal-text.js'

const place = `Where the server is:
  -d, --datapath PATH     its data folder, with the socket comms/moonraker.sock
                          (else $MOONRAKER_DATA_PATH, ./printer_data if that is served, ~/printer_data)
  -u, --unixsocket PATH   its Unix socket
      --url URL           its address, as http://host:port
      --api-key-file FILE holds its API key, for --url
`

const exits = `Exit codes:
  0    done, or nothing to do
  1    the server refused, or the operation failed: the old version is back; history verify: there is a problem;
       log -f JOB: the job failed, was cancelled or needs a person
  2    wrong usage
  3    no connection to a server
  10   status --check: updates are available
  11   status --check: an application cannot be updated as it is
  12   doctor: something is wrong with the machine
  130  interrupted; an operation that was begun goes on in the server
`

const list = (): string =>
  [...commands.values()].map(({ usage, summary }) => `  ${pad(usage, 30)}${summary}\n`).join('')

/** The help of all, or of one command. */
export const helpText = (command: Command | null): string => {
  if (command === null) {
    const others =
      `  ${pad('help [COMMAND]', 30)}tell more\n` +
      `  ${pad('serve [options]', 30)}run the daemon; \`moonkeeper serve --help\` tells its options\n`
    return `Usage: moonkeeper COMMAND\n\n${list()}${others}\n${place}\n${exits}`
  }
  const details = command.details.map((line) => `${line === '' ? '' : `  ${line}`}\n`).join('')
  return `Usage: moonkeeper ${command.usage}\n\n${command.summary}\n\n${details}\n${place}\n${exits}`
}
