import type { InspectContext } from '../contract.js'
import type { InspectionSetup } from './inspection.js'
import { fetchRemote } from './remote.js'

/** What came of asking a remote. */
export type Asked = { readonly changed: boolean } | { readonly thrown: unknown }

/** @returns whether refs may have changed, or what was thrown */
export const ask = ({ git, outside }: InspectionSetup, remote: string, signal: AbortSignal): Promise<Asked> =>
  fetchRemote(git, remote, outside.clock, signal, () => undefined).then(
    (changed) => ({ changed }),
    (thrown: unknown) => ({ thrown }),
  )

/**
 * Nearly always the remote is the one of the last look: it is asked while the checkout is looked at. When that shows
 * that it is another one, this is dropped.
 */
export class EarlyFetch {
  private readonly dropping = new AbortController()
  private readonly asked: Promise<Asked>

  constructor(
    setup: InspectionSetup,
    /** As the last look saw it. */
    private readonly remote: string,
    { signal }: InspectContext,
  ) {
    this.asked = ask(setup, remote, AbortSignal.any([signal, this.dropping.signal]))
  }

  /** What came of it when it was this remote; else null, and it is over. */
  async of(remote: string): Promise<Asked | null> {
    if (remote === this.remote) return this.asked
    await this.drop()
    return null
  }

  /** Whether it brought something, so that what could not be read may be there again. */
  async broughtSomething(): Promise<boolean> {
    const asked = await this.asked
    return 'changed' in asked && asked.changed
  }

  /** Resolves when nothing of it goes on. */
  async drop(): Promise<void> {
    this.dropping.abort()
    await this.asked
  }
}
