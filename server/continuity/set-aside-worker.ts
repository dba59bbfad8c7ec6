import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { openReader } from '../db/sqlite/connection.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { serveTasks } from '../workers/serve-tasks.ts'
import { type KeptMessage, readKeptMessages } from './set-aside-messages.ts'
import { compareWithSetAside, type SetAsideReport } from './set-aside-report.ts'

/** The worker of set-aside.ts. */
export type SetAsideTask =
  | { t: 'compare'; dataDir: string; folder: string; now: number }
  /** The messages of the last report behind this row. */
  | { t: 'page'; folder: string; after: number }

export type SetAsideAnswer = { report: SetAsideReport } | { messages: readonly KeptMessage[] }

const messagesPerPage = 50
/** A hub takes messages of 64 KiB; the longest text of a message fits. */
const charactersPerPage = 16 * 1024
const niceness = 10
if (process.platform === 'linux') setPriority(niceness)

serveTasks((task: SetAsideTask): SetAsideAnswer => {
  if (task.t === 'page') return { messages: readPage(task.folder, task.after) }
  const report = compare(task)
  const file = join(task.folder, reportName)
  writeFileSync(`${file}.new`, `${JSON.stringify(report)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return { report }
})

const reportName = 'report.json'

function compare({ dataDir, folder, now }: SetAsideTask & { t: 'compare' }): SetAsideReport {
  const { raw } = openReader(databaseFile(dataDir))
  try {
    raw.prepare('attach database ? as old').run(join(folder, 'hub.db'))
    return raw.transaction(() => compareWithSetAside(raw, now))()
  } finally {
    raw.close()
  }
}

/** Parsed once for all pages of a report. */
let latest: { key: string; report: SetAsideReport } | undefined

function readPage(folder: string, after: number): KeptMessage[] {
  const file = join(folder, reportName)
  const { mtimeMs, size } = statSync(file)
  const key = `${file} ${mtimeMs} ${size}`
  if (latest?.key !== key) latest = { key, report: JSON.parse(readFileSync(file, 'utf8')) as SetAsideReport }
  const numbers = latest.report.messages.map(({ n }) => n).filter((n) => n > after)
  const { raw } = openReader(join(folder, 'hub.db'))
  try {
    return fitPage(readKeptMessages(raw, numbers.slice(0, messagesPerPage)))
  } finally {
    raw.close()
  }
}

/** At least one, or nothing would go on. */
function fitPage(messages: readonly KeptMessage[]): KeptMessage[] {
  let characters = 0
  const end = messages.findIndex((message, at) => {
    characters += JSON.stringify(message).length
    return at > 0 && characters > charactersPerPage
  })
  return messages.slice(0, end === -1 ? messages.length : end)
}
