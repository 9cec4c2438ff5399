/** A part of the daemon with a life of its own. */
export interface Part {
  /** Before the doors open. @throws when the daemon cannot do without it */
  start(): Promise<void>
  /** The configuration was read anew. */
  reload?(): Promise<void>
  /** After the doors closed; also when start() failed or never ran. */
  stop(): Promise<void>
}
