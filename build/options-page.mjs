// The tables of docs/configuration.md, from schemas/config: every option of every section, with its default.

const begin = '<!-- Options: generated from schemas/config by build/generate.mjs. Do not edit. -->'
const end = '<!-- End of options. -->'

/** The sections in the order in which people look for them. */
const order = [
  'moonkeeper',
  'moonkeeper.application',
  'moonkeeper.dialect',
  'server',
  'authorization',
  'data_store',
  'file_manager',
  'webcam',
  'announcements',
  'octoprint_compat',
  'machine',
  'secrets',
  'update_manager',
  'update_manager.override',
  'update_manager.git_repo',
  'update_manager.web',
  'update_manager.zip',
  'update_manager.executable',
  'update_manager.python',
]

const separators = { lines: 'one a line', spaces: 'separated by blanks', '-': 'as first-last' }

const valuesOf = ({ type, enum: values, separator }) => {
  if (values !== undefined && values.length > 1) return values.join(', ')
  if (type === 'boolean') return 'True, False'
  if (type === 'integer') return 'a whole number'
  if (type === 'number') return 'a number'
  return separator === undefined ? 'text' : separators[separator]
}

const written = (value, { separator }) => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return value.join(separator === '-' ? '-' : ' ')
  return String(value)
}

const defaultOf = (option) => {
  const { description = '' } = option
  if (description.includes('Must be given')) return 'must be given'
  if (!('default' in option)) return 'none'
  const text = written(option.default, option)
  return text === '' ? 'none' : `\`${text}\``
}

const cell = (text) => text.replaceAll('|', '\\|')

const row = ([name, option]) =>
  `| ${name} | ${valuesOf(option)} | ${cell(defaultOf(option))} | ${cell(option.description ?? '')} |`

const section = (name, { description, properties }) => {
  const [, title, about] = /^(.*?): (.*)$/.exec(description)
  const head = `### ${title}\n\n${about[0].toUpperCase()}${about.slice(1)}\n`
  const table = ['| option | values | default | meaning |', '| --- | --- | --- | --- |']
  return `${head}\n${[...table, ...Object.entries(properties).map(row)].join('\n')}\n`
}

/** @returns the page, with its tables made anew @throws when a section of schemas/config is in no order here */
export const optionsPage = (page, config) => {
  const missing = Object.keys(config).filter((name) => !order.includes(name))
  if (missing.length > 0) throw new Error(`build/options-page.mjs does not know ${missing.join(', ')}`)
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`docs/configuration.md lacks the lines ${begin} and ${end}`)
  const tables = order.map((name) => section(name, config[name])).join('\n')
  return `${before}${begin}\n\n${tables}\n${end}${after}`
}
