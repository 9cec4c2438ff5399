import type { NotificationMap } from '../contract/generated/types.js'
import { harmless } from '../contract/text.js'
import type { Progress } from '../updaters/contract.js'

/** Sends a notification to every subscribed connection. */
export interface Notifier {
  updateResponse(line: NotificationMap['notify_update_response']): void
  updateRefreshed(): void
}

/** The lines of one request, as front ends show them. */
export class Announcer {
  /** True when anything was told. */
  told = false
  private lastAt: number

  constructor(
    /** The application, `full`, `recover_<name>` or `rollback_<name>`. */
    readonly application: string,
    private readonly id: number,
    private readonly notifier: Notifier,
    private readonly now: () => number,
    /** In a full update a single application's last line is not the last. */
    private readonly part: boolean,
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
    this.told = true
    this.lastAt = this.now()
    const message = harmless(text.trim())
    this.notifier.updateResponse({ message, application: this.application, proc_id: this.id, complete })
  }
}
