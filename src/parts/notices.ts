/**
 * Warnings for server.info that do not come from the configuration's text. Each has a key, what it is about: news about
 * the same thing take the place of the old, and none outlives its cause.
 */
export class Notices {
  private readonly texts = new Map<string, readonly string[]>()

  /** Without a text: there is nothing to say about it any more. */
  set(key: string, ...texts: readonly string[]): void {
    if (texts.length === 0) this.texts.delete(key)
    else this.texts.set(key, texts)
  }

  add(key: string, text: string): void {
    const known = this.texts.get(key) ?? []
    if (!known.includes(text)) this.texts.set(key, [...known, text])
  }

  all(): readonly string[] {
    return [...this.texts.values()].flat()
  }
}
