/* A standby for bench/continuity.ts: `--data DIR`, where the hub has put a copy before it connects. */
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { Replica } from '../server/continuity/replica.ts'
import { serveReplica } from './direct-stream.ts'

const { values } = parseArgs({ options: { data: { type: 'string' } } })
const fail = (error: unknown): never => {
  throw error
}
const port = await serveReplica(
  (durable) =>
    new Replica({
      dataDir: values.data ?? '',
      on: { durable, diverged: fail, failed: fail },
      log: pino({ level: 'error' }),
    }),
)
process.on('SIGTERM', () => process.exit(0))
process.stdout.write(`hub listening at http://127.0.0.1:${port}\n`)
