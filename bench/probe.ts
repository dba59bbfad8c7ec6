/*
 * Loaded into both servers (`node --import`): tells over IPC what the process has used. Nothing of it runs before it
 * is asked, but for two additions at each commit.
 */
import { subscribe } from 'node:diagnostics_channel'

export interface Usage {
  /** Seconds of CPU, user and system. */
  cpuSeconds: number
  /** Bytes. */
  rssBytes: number
  commits: number
  /** What was committed: messages, as long as nothing else is written. */
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
// the bench is gone: nobody is left who would end this
process.on('disconnect', () => process.exit(0))
