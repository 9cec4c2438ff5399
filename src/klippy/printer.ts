/** What the rest of the product knows about Klipper. */
export interface Printer {
  /** True while the socket to Klipper is open and Klipper answered. */
  readonly connected: boolean
  readonly state: 'disconnected' | 'startup' | 'ready' | 'error' | 'shutdown'
  /** True while print_stats.state is "printing". Paused counts as not printing. */
  readonly printing: boolean
  /** Of virtual_sdcard, display_status, pause_resume: those Klipper's configuration lacks. */
  readonly missingRequirements: readonly string[]
  /** Where Klipper runs from and with which interpreter, as it reports; null until it did. */
  readonly install: { readonly path: string; readonly executable: string } | null
}
