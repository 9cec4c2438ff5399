// docs/errors.md, from schemas/errors.json.

const head = `# Errors

An error has the message and the code that Moonraker's clients expect, and a stable name for programs in
\`error.data.code\` (over HTTP: \`error.data.code\` of the body as well). The texts may change, these names do not.

<!-- Generated from schemas/errors.json by build/generate.mjs. -->

| code | HTTP | what happened | what to do |
|---|---|---|---|
`

export const errorsPage = (errors) =>
  head +
  Object.entries(errors)
    .map(([code, { status, cause, remedy }]) => `| \`${code}\` | ${status} | ${cause} | ${remedy} |\n`)
    .join('')
