/*
 * A hub whose writer has no row log at all, for bench/continuity-off.ts: the options are those of continuity-hub.ts. The
 * program has no such form, so it is made while it loads.
 */
import { registerHooks } from 'node:module'

const withLog = 'new SqliteStore(dataDir, connection, { ...options, log: rowLog })'
const withoutLog = 'new SqliteStore(dataDir, connection, options)'
let isMade = false

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/server/file-database.ts')) return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString('utf8')
    isMade = source.includes(withLog)
    return { ...loaded, source: source.replace(withLog, withoutLog) }
  },
})

process.argv.push('--no-standing')
await import('./continuity-hub.ts')
if (!isMade)
  throw new Error('the row log is part of the writer in another way: change bench/hub-without-log.ts')
