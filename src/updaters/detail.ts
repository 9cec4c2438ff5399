/** A line that Moonraker does not have: set in, so that whoever follows its lines passes over ours. */
export const detail = (text: string): string => `  ${text}`
