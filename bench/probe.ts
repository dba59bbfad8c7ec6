/*
 * Loaded into both servers (`node --import`): reports over IPC what the process has used. It does nothing between
 * reports, but for two additions at each commit.
 */
import { subscribe } from 'node:diagnostics_channel'

export interface Usage {
  /** Seconds of CPU, user and system. */
  cpuSeconds: number
  /** Bytes. */
  rssBytes: number
  commits: number
  /** Committed operations: messages, as long as nothing else is written. */
  operations: number
}

let commits = 0
let operations = 0

subscribe('hubbub:commit', (count) => {
  commits += 1
  operations += count as number
})

process.on('message', (question: { id: number }) => {
  const { user, system } = process.cpuUsage()
  const usage: Usage = {
    cpuSeconds: (user + system) / 1e6,
    rssBytes: process.memoryUsage.rss(),
    commits,
    operations,
  }
  process.send?.({ id: question.id, usage })
})
process.channel?.unref()
// the benchmark has exited: nothing else would end this process
process.on('disconnect', () => process.exit(0))
