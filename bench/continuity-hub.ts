/* A hub for bench/continuity.ts: `--data DIR`, and with `--standby-dir DIR --standby-port N` a standby that it waits for. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import Database from 'better-sqlite3'
import { noStanding } from '../server/live/standing.ts'
import { SqliteStore } from '../server/db/sqlite/store.ts'
import { startHub } from '../server/start.ts'
import { SocketShipper } from './direct-stream.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    'standby-dir': { type: 'string' },
    'standby-port': { type: 'string' },
    'no-standing': { type: 'boolean' },
  },
})
const dataDir = values.data ?? ''
const { hub, url, close } = await startHub({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  allowPlainHttp: false,
  loadTest: true,
  ...(values['no-standing'] && { standing: noStanding }),
  log: pino({ level: 'error' }),
})
const standbyDir = values['standby-dir']
if (standbyDir !== undefined && hub.store instanceof SqliteStore) {
  const { writer } = hub.store
  await writer.write((tx) => {
    tx.after(hub.rowLog.begin())
    return Promise.resolve()
  })
  await writer.pause(async () => {
    const raw = new Database(join(dataDir, 'hub.db'), { readonly: true })
    raw.prepare('vacuum into ?').run(join(standbyDir, 'hub.db'))
    raw.close()
    hub.rowLog.shipper = await SocketShipper.connect(Number(values['standby-port']))
  })
}
process.on('message', (message: { shipped?: true }) => {
  if (!message.shipped || !(hub.rowLog.shipper instanceof SocketShipper)) return
  const { bytes, waitsMs } = hub.rowLog.shipper
  process.send?.({ bytes, waitsMs: waitsMs.splice(0) })
})
process.channel?.unref()
process.on('SIGTERM', () => void close().then(() => process.exit(0)))
process.stdout.write(`hub listening at ${url}\n`)
