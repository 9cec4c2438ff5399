/** compat: a list, or one text with commas. */
export const itemList = (items: string | readonly string[]): readonly string[] =>
  typeof items === 'string'
    ? items
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
    : items
