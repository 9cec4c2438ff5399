/**
 * JSON text in UTF-8, in the parts it was put together from: what was encoded before is sent again without being
 * copied. Together they are one text; nobody changes them.
 */
export type Encoded = readonly Buffer[]

export const encode = (text: string): Encoded => [Buffer.from(text)]

/** Bytes. */
export const lengthOf = (parts: Encoded): number => parts.reduce((sum, part) => sum + part.length, 0)
