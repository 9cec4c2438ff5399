/** A signal that passes on the abort of another one, until it is held: then nothing aborts it any more. */
export const holdable = (
  source: AbortSignal,
): { readonly signal: AbortSignal; readonly hold: () => void } => {
  const controller = new AbortController()
  const pass = (): void => controller.abort(source.reason)
  if (source.aborted) pass()
  else source.addEventListener('abort', pass, { once: true })
  return { signal: controller.signal, hold: () => source.removeEventListener('abort', pass) }
}
