import { StringDecoder } from 'node:string_decoder'

export interface LineSplitter {
  push(chunk: Buffer): void
  /** What came after the last separator is a line, too. */
  end(): void
}

/** Splits a stream into lines. */
export const lineSplitter = (emit: (line: string) => void, separator: RegExp): LineSplitter => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    push(chunk) {
      const parts = (rest + decoder.write(chunk)).split(separator)
      rest = parts.pop() ?? ''
      parts.forEach(emit)
    },
    end() {
      if (rest !== '') emit(rest)
      rest = ''
    },
  }
}
