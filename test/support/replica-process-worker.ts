import { pino } from 'pino'
import { decodeFrames } from '../../server/continuity/frame.ts'
import { Replica } from '../../server/continuity/replica.ts'

/* A standby in a process of its own, which a test kills: takes frames over IPC, and says what is on its disk. */

const fail = (error: unknown): never => {
  throw error
}
const replica = new Replica({
  dataDir: process.argv[2] ?? '',
  on: { durable: ({ lsn }) => process.send?.({ durable: lsn }), diverged: fail, failed: fail },
  log: pino({ level: 'silent' }),
})
process.on('message', ({ frame }: { frame: string }) => {
  for (const one of decodeFrames(Buffer.from(frame, 'base64'))) replica.append(one)
})
process.on('disconnect', () => process.exit(0))
process.send?.({ end: replica.end.lsn })
