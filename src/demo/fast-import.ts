import type { DemoCommit } from './history.js'

const author = 'Luna Example <luna@example.invalid>'
/** Unix seconds of the first commit, and seconds between two. */
const firstCommit = 1_704_103_200
const betweenCommits = 86_400

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

const fileCommand = ([name, content]: [string, string | null]): string =>
  content === null ? `D ${name}\n` : `M 100644 inline ${name}\n${data(content)}`

const messageOf = ({ subject, body }: DemoCommit): string =>
  body === undefined ? `${subject}\n` : `${subject}\n\n${body}\n`

/**
 * A history as a stream for `git fast-import`: one command makes all of it, and the same commits every time.
 * See git-fast-import(1), INPUT FORMAT.
 */
export const fastImportStream = (history: readonly DemoCommit[], branch: string): string =>
  history
    .map((commit, index) => {
      const mark = index + 1
      const who = `${author} ${firstCommit + index * betweenCommits} +0000`
      const parent = index === 0 ? '' : `from :${index}\n`
      const files = Object.entries(commit.files).map(fileCommand).join('')
      const head = `commit refs/heads/${branch}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n`
      const tag =
        commit.tag === undefined
          ? ''
          : `tag ${commit.tag}\nfrom :${mark}\ntagger ${who}\n${data(`demo-app ${commit.tag}\n`)}`
      return `${head}${data(messageOf(commit))}${parent}${files}\n${tag}`
    })
    .join('')
