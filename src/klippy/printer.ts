/** What the rest of the product knows about Klipper. */
export interface Printer {
  /** True while the socket to Klipper is open and Klipper answered. */
  readonly connected: boolean
  readonly state: 'disconnected' | 'startup' | 'ready' | 'error' | 'shutdown'
  /**
   * True while Klipper is ready and print_stats.state is "printing". Paused counts as not printing, and so does a
   * Klipper that is shut down or gone.
   */
  readonly printing: boolean
  /** False while it is not known whether a print runs: there may be a Klipper that has not answered yet. */
  readonly known: boolean
  /** Of virtual_sdcard, display_status, pause_resume: those Klipper's configuration lacks; empty while not ready. */
  readonly missingRequirements: readonly string[]
  /** Where Klipper runs from and with which interpreter, as it last reported; null until it did. */
  readonly install: { readonly path: string; readonly executable: string } | null
}
