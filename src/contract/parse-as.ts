/**
 * What a text of ours says, as the shape that it was written in.
 * @param validate of that shape, one of the generated validators
 * @returns null when there is no text, it is no JSON, or of another shape
 */
export const parseAs = <T>(text: string | null, validate: (value: unknown) => boolean): T | null => {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return validate(value) ? (value as T) : null
  } catch {
    return null
  }
}
