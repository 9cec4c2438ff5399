import type { Wanted } from './dependency-changes.js'

/** A name, and what follows it: extras, versions, an address behind @, a marker behind ;. */
const requirement = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*((?:[[(<>=!~@;].*)?)$/
const archive = /\.(?:whl|zip|tar\.gz|tar\.bz2|tgz)$/i

/** Whole requirements: lines that end in a backslash go on. A # begins a comment at the start or after a space. */
const linesOf = (text: string): readonly string[] =>
  text
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')

/** pip takes Foo_Bar and foo-bar for the same. */
const plainName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

/** Options of a line (hashes, say) are no part of what is wanted, and neither are spaces. */
const plainWish = (text: string): string => {
  const [wish = '', ...marker] = text.replace(/\s--.*$/, '').split(/\s*;\s*/)
  const plain = wish.startsWith('@') ? wish.trim() : wish.replace(/\s+/g, '')
  return [plain === '' ? '*' : plain, ...marker].join('; ').trim()
}

/** What a requirements file asks for. A package may be named several times, for several kinds of machines. */
export const parseRequirements = (text: string): Wanted => {
  const wishes = new Map<string, string[]>()
  const others: string[] = []
  for (const line of linesOf(text)) {
    const [, name, rest = ''] = requirement.exec(line.replace(/\s--.*$/, '')) ?? []
    if (name === undefined || archive.test(line)) others.push(line)
    else wishes.set(plainName(name), [...(wishes.get(plainName(name)) ?? []), plainWish(rest)])
  }
  const packages = new Map(
    [...wishes].map(([name, versions]) => [name, { name, version: versions.sort().join(' | ') }]),
  )
  return { packages, others: others.sort() }
}
