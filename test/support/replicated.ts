import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { digestTables } from '../../server/continuity/digest-tables.ts'
import type { RowFrame } from '../../server/continuity/frame.ts'
import type { Position } from '../../server/continuity/position.ts'
import { Replica, type ReplicaEvents } from '../../server/continuity/replica.ts'
import { type BatchShipper, RowLog } from '../../server/continuity/row-log.ts'
import { migrate } from '../../server/db/migrate.ts'
import { openReader, openWriter, type SqliteConnection } from '../../server/db/sqlite/connection.ts'
import { Writer } from '../../server/db/sqlite/writer.ts'
import { newDataDir } from './data-dir.ts'

/** A database with a log, without a hub. */
export async function openLogged(options: { closeWaitMs?: number } = {}) {
  const dataDir = newDataDir()
  const connection = openWriter(join(dataDir, 'hub.db'))
  await migrate(connection)
  const log = new RowLog(connection)
  const events: string[] = []
  const writer = new Writer(connection, {
    ...options,
    log,
    clock: () => 1_000,
    applyFacts: () => undefined,
    onBatch: () => events.push('batch'),
    onFatal: (error) => events.push(`fatal ${String(error)}`),
  })
  onTestFinished(() => void connection.raw.close())
  const turnOn = () => writer.write(async (tx) => tx.after(log.begin()))
  return { dataDir, connection, log, writer, events, turnOn }
}

/** Copies a database, with its place in the log, to where a standby keeps its own. */
export function copyDatabase(from: Pick<SqliteConnection, 'raw'>, toDir = newDataDir()): string {
  mkdirSync(toDir, { recursive: true })
  from.raw.prepare('vacuum into ?').run(join(toDir, 'hub.db'))
  return toDir
}

export function openReplica(dataDir: string, on: Partial<ReplicaEvents> = {}): Replica {
  const replica = new Replica({
    dataDir,
    on: {
      durable: () => undefined,
      diverged: (error) => {
        throw error
      },
      failed: (error) => {
        throw error as Error
      },
      ...on,
    },
    log: pino({ level: process.env['HUBBUB_LOG'] ?? 'silent' }),
  })
  onTestFinished(() => replica.close())
  return replica
}

/** Hands every frame to a replica in this process, and waits until that has it on its disk. */
export class DirectShipper implements BatchShipper {
  replica: Replica | undefined
  readonly shipped: RowFrame[] = []
  readonly #waiting = new Map<number, () => void>()

  /** Passed to `openReplica`. */
  readonly durable = ({ lsn }: Position): void => {
    for (const [waiting, resolve] of this.#waiting) {
      if (waiting > lsn) continue
      this.#waiting.delete(waiting)
      resolve()
    }
  }

  ship(frame: RowFrame): Promise<void> {
    this.shipped.push(frame)
    if (!this.replica) return Promise.resolve()
    const done = new Promise<void>((resolve) => this.#waiting.set(frame.position.lsn, resolve))
    this.replica.append(frame)
    return done
  }

  committed(): void {}

  async dropped({ lsn }: Position): Promise<void> {
    const before = this.shipped.findLast((frame) => frame.position.lsn === lsn - 1)
    this.shipped.splice(this.shipped.findIndex((frame) => frame.position.lsn === lsn))
    if (before) await this.replica?.cutTo(before.position)
  }
}

/** The digests of all tables of the database in a directory, now. */
export function digestsIn(dataDir: string): Record<string, string> {
  const { raw } = openReader(join(dataDir, 'hub.db'))
  try {
    return digestTables(raw)
  } finally {
    raw.close()
  }
}
