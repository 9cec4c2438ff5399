import type { MoonkeeperError } from '../contract/error.js'
import type { NotificationMap } from '../contract/generated/types.js'
import { harmless } from '../contract/text.js'
import type { Log } from '../system/log.js'
import type { Progress } from '../updaters/contract.js'

/** Sends a notification to every subscribed connection. */
export interface Notifier {
  updateResponse(line: NotificationMap['notify_update_response']): void
  updateRefreshed(): void
  updateJob(job: NotificationMap['notify_update_job']): void
}

/** The lines of one request, as front ends show them. */
export class Announcer {
  private lastAt: number
  /** Why the operation was stopped when nothing moved; null as long as it was not. */
  stalled: MoonkeeperError | null = null

  constructor(
    /** The application, `full`, `recover_<name>` or `rollback_<name>`. */
    readonly application: string,
    private readonly id: number,
    private readonly notifier: Notifier,
    private readonly now: () => number,
    /** In a full update a single application's last line is not the last. */
    private readonly part: boolean,
    /** Has the job's id. */
    private readonly log: Log,
    /** The job keeps every line. */
    private readonly keep: (line: string) => void,
  ) {
    this.lastAt = now()
  }

  /** Unix milliseconds of the last line: an operation without progress for long is stopped. */
  get movedAt(): number {
    return this.lastAt
  }

  readonly say: Progress = (text) => this.send(text, false)

  /** The last line of the operation. */
  last(text: string): void {
    this.send(text, !this.part)
  }

  private send(text: string, complete: boolean): void {
    this.lastAt = this.now()
    // compat: dpkg counts on one line, with carriage returns.
    const message = text.trim().split('\r').map(harmless).join('\r')
    this.log.debug({ operation: this.application, line: message, complete }, 'progress')
    this.keep(message)
    this.notifier.updateResponse({ message, application: this.application, proc_id: this.id, complete })
  }
}
