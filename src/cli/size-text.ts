const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes for people: `812 bytes`, `1.4 MiB`. */
export const sizeText = (bytes: number): string => {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** step
  const digits = step > 0 && value < 10 ? 1 : 0
  return bytes === 1 ? '1 byte' : `${value.toFixed(digits)} ${units[step] ?? ''}`
}
