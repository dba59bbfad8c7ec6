// Writes docs/decisions/README.md, the list of the decision records, from their first lines.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../docs/decisions/', import.meta.url))
export const indexFile = path.join(folder, 'README.md')

interface DecisionRecord {
  number: string
  title: string
  /** YYYY-MM-DD */
  date: string
  /** “Changed by …” with links to later records; undefined if all of the record holds. */
  changedBy: string | undefined
}

const introduction = `# Decision records

Made by \`npm run docs\` from the first lines of the records: change them there.

A record has the context of a decision, the decision, the alternatives and the consequences, on about a page. Write one if you considered
an alternative that others would ask about, or if the choice is hard to undo. Take the next number, and begin like the latest record.

A record holds, except for what its line “Changed by” names. If yours changes an earlier record, add that line below its date, with a link
and the point in brackets. Correct a small point in the record itself.
`

/** Returns the text of docs/decisions/README.md. @throws Error for a record that does not begin as `parseRecord` says */
export function decisionIndex(): string {
  const files = readdirSync(folder).filter((file) => /^\d{4}-.*\.md$/.test(file))
  const lines = files.sort().map((file) => {
    const { number, title, date, changedBy } = parseRecord(
      file,
      readFileSync(path.join(folder, file), 'utf8'),
    )
    return `- [${number}](${file}): ${title} (${date})${changedBy === undefined ? '' : `. ${changedBy}`}\n`
  })
  return `${introduction}\n${lines.join('')}`
}

/** Reads a record, which begins with its title, its date and perhaps “Changed by …”, each a paragraph. */
function parseRecord(file: string, text: string): DecisionRecord {
  const beginning =
    /^# (?<number>\d{4}): (?<title>.+)\n\nDate: (?<date>\d{4}-\d{2}-\d{2})\n\n(?:(?<changes>Changed by (?:.+\n)+)\n)?## /
  const { number, title, date, changes } = beginning.exec(text.replaceAll('\r\n', '\n'))?.groups ?? {}
  if (!number || !title || !date || !file.startsWith(`${number}-`)) {
    throw new Error(
      `docs/decisions/${file} must begin with “# ${file.slice(0, 4)}: title”, “Date: YYYY-MM-DD” and a heading.`,
    )
  }
  return { number, title, date, changedBy: changes?.trim().replaceAll('\n', ' ').replace(/\.$/, '') }
}

if (import.meta.main) writeFileSync(indexFile, decisionIndex())
