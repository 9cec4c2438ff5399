/**
 * Text from outside (commit messages, command output) ends up as HTML in at least one front end
 * (Mainsail uses v-html). A `<` that would open a tag gets a zero-width space after it; control characters go,
 * except tab and line feed.
 */
export const harmless = (text: string): string =>
  text
    .replace(/<(?=[A-Za-z/!?])/g, '<\u200b')

    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
