/** For names of files: 20260131-235959, in local time. @param milliseconds since the epoch */
export const timestamp = (milliseconds: number): string => {
  const at = new Date(milliseconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`
}
