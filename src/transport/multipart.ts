/** A name and a value, as bytes in latin1: the caller decodes them. */
export type Field = readonly [name: string, value: string]

const fieldName = (head: string): string | null => {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? ''
  if (/;?\s*filename\*?=/i.test(disposition)) return null
  const found = /(?:^|;)\s*name=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)
  return found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2] ?? null
}

/**
 * The plain fields of a multipart/form-data body; files in it are passed over.
 * @param body bytes in latin1
 * @returns nothing for a body that is not what its content type says
 */
export const multipartFields = (contentType: string, body: string): readonly Field[] => {
  const found = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined) return []
  const fields: Field[] = []
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    if (part.startsWith('--')) break
    const end = part.indexOf('\r\n\r\n')
    const name = end < 0 ? null : fieldName(part.slice(0, end))
    if (name !== null) fields.push([name, part.slice(end + 4)])
  }
  return fields
}
