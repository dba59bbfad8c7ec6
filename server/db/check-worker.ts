import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { serveTasks } from '../workers/serve-tasks.ts'
import { findSchemaProblems } from './schema-check.ts'
import { openReader } from './sqlite/connection.ts'

/** The worker that looks for damage, table by table, with a connection of its own: see database-check.ts. */

const niceness = 19
if (process.platform === 'linux') setPriority(niceness)

/** Without a name: returns the tables. With one: returns what is wrong with it. `schema`: returns what is missing. */
export interface CheckTask {
  table?: string
  schema?: true
}

const { file } = workerData as { file: string }

serveTasks(async ({ table, schema }: CheckTask): Promise<string[]> => {
  const { raw } = openReader(file)
  try {
    if (schema) return (await findSchemaProblems(raw)).map(({ problem }) => problem)
    if (table === undefined) {
      return raw.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all() as string[]
    }
    const lines = raw
      .prepare(`pragma quick_check("${table.replaceAll('"', '""')}")`)
      .pluck()
      .all() as string[]
    return lines.filter((line) => line !== 'ok')
  } catch (error) {
    return [String(error)]
  } finally {
    raw.close()
  }
})
