import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openReplica, copyDatabase, digestsIn, openLogged } from '../support/replicated.ts'
import type { RowFrame } from '../../server/continuity/frame.ts'
import type { BatchShipper } from '../../server/continuity/row-log.ts'
import type { Transaction } from '../../server/db/store.ts'

/*
 * A standby in a process of its own is killed again and again while the hub writes. All that it has acknowledged is there when
 * it is started again.
 */

/** Set these to search beyond the usual rounds: HUBBUB_KILL_ROUNDS=200. */
const rounds = Number(process.env['HUBBUB_KILL_ROUNDS'] ?? 12)

const addRow = (tx: Transaction, key: string) =>
  tx.db.insertInto('throttle').values({ key, count: 1, since: 0, until: 0 }).execute()

/** Sends frames to the process, and waits for it. A frame that it has not acknowledged when it dies is lost to it. */
class ProcessShipper implements BatchShipper {
  child: ChildProcess | undefined
  acknowledged = 0
  #resolve: (() => void) | undefined

  ship({ encoded }: RowFrame): Promise<void> {
    const { child } = this
    if (!child) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resolve = resolve
      child.send({ frame: encoded.toString('base64') }, () => undefined)
    })
  }

  attach(child: ChildProcess): void {
    this.child = child
    child.on('message', ({ durable }: { durable?: number }) => {
      if (durable === undefined) return
      this.acknowledged = durable
      this.#resolve?.()
    })
    child.once('exit', () => {
      this.child = undefined
      this.#resolve?.()
    })
  }

  committed(): void {}
  dropped(): Promise<void> {
    return Promise.resolve()
  }
}

async function startChild(dir: string): Promise<{ child: ChildProcess; end: number }> {
  const child = fork(join(import.meta.dirname, '../support/replica-process-worker.ts'), [dir], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [{ end }] = (await once(child, 'message')) as [{ end: number }]
  return { child, end }
}

test('a standby that is killed has everything that it acknowledged', { timeout: 180_000 }, async () => {
  const { connection, dataDir, log, writer, turnOn } = await openLogged()
  await turnOn()
  const dir = copyDatabase(connection)
  const shipper = (log.shipper = new ProcessShipper())
  let n = 0
  const write = () => {
    n += 1
    const key = `${n} ${'ж'.repeat((n * 37) % 5_000)}`
    return writer.write((tx) => addRow(tx, key))
  }
  for (let round = 0; round < rounds; round += 1) {
    const { child, end } = await startChild(dir)
    expect(end).toBeGreaterThanOrEqual(shipper.acknowledged)
    await writer.pause(() => {
      for (const { encoded } of log.ring.after(end) ?? []) child.send({ frame: encoded.toString('base64') })
      shipper.attach(child)
      return Promise.resolve()
    })
    const gone = once(child, 'exit')
    for (let i = 0; i < 5 + ((round * 7) % 20); i += 1) await write()
    // within a write, for most rounds
    const last = [write(), write()]
    setTimeout(() => child.kill('SIGKILL'), round % 4)
    await Promise.all([...last, gone])
    for (let i = 0; i < 3; i += 1) await write()
  }
  const replica = openReplica(dir)
  for (const frame of log.ring.after(replica.end.lsn) ?? []) replica.append(frame)
  await replica.applyAll()
  expect(replica.applied).toEqual(log.position)
  await replica.close()
  expect(digestsIn(dir)).toEqual(digestsIn(dataDir))
})
