import type { Application, AutoUpdate } from './application.js'
import { notAvailable } from './guards.js'
import { managedOf, type ApplicationDesk, type Managed } from './managed.js'

/**
 * The applications that are managed now. Who uses one has its turn; they are exchanged only when no turn is held.
 * What is kept for longer than a turn is the name: after an exchange it means another object.
 */
export class Fleet implements ApplicationDesk {
  all: readonly Application[] = []
  private exchanging = new AbortController()
  private exchanged: Promise<void> = Promise.resolve()

  names(): readonly string[] {
    return this.all.map((application) => application.name)
  }

  /** @throws unknown_application */
  find(name: string): Application {
    const application = this.all.find((candidate) => candidate.name === name)
    if (application === undefined) throw notAvailable(name)
    return application
  }

  has(name: string): boolean {
    return this.all.some((application) => application.name === name)
  }

  managed(): readonly Managed[] {
    return this.all.map(managedOf)
  }

  async automate(name: string, autoUpdate: AutoUpdate): Promise<void> {
    const application = this.find(name)
    await application.turn.run(() => application.automate(autoUpdate))
  }

  /**
   * A look at an application, in its turn. An exchange interrupts it, and it begins anew with the application of that
   * name; when there is none any more, nothing is looked at.
   */
  async look(
    name: string,
    stopping: AbortSignal,
    work: (application: Application, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    for (;;) {
      await this.exchanged
      if (!this.has(name)) return
      const application = this.find(name)
      const exchange = this.exchanging.signal
      try {
        return await application.turn.run(async () => {
          const signal = AbortSignal.any([stopping, exchange])
          signal.throwIfAborted()
          await work(application, signal)
        })
      } catch (thrown) {
        if (!exchange.aborted || stopping.aborted) throw thrown
      }
    }
  }

  /** Takes over other applications. Running looks are interrupted; operations must not run. */
  async exchange(make: () => Promise<readonly Application[]>): Promise<void> {
    let open = (): void => undefined
    this.exchanged = new Promise((resolve) => (open = resolve))
    this.exchanging.abort()
    try {
      await this.drained()
      this.all = await make()
    } finally {
      this.exchanging = new AbortController()
      open()
    }
  }

  /** Resolves when every turn that was asked for until now is over. */
  async drained(): Promise<void> {
    await Promise.all(this.all.map((application) => application.turn.drained()))
  }
}
