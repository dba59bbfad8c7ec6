import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { HubDigests } from '../../server/continuity/hub-digests.ts'
import type { Replica } from '../../server/continuity/replica.ts'
import { databaseFile, SqliteStore } from '../../server/db/sqlite/store.ts'
import type { Writer } from '../../server/db/sqlite/writer.ts'
import type { TestHub } from './hub.ts'
import { copyDatabase, DirectShipper, openReplica } from './replicated.ts'

/** Turns the row log of a running hub on, as the first standby does. */
export function turnLogOn({ hub }: Pick<TestHub, 'hub'>): Promise<void> {
  return hub.store.writer.write((tx) => {
    tx.after(hub.rowLog.begin())
    return Promise.resolve()
  })
}

/** A standby in this process: it has a copy of the hub, and the hub waits for it. */
export class LocalStandby {
  readonly dataDir: string
  readonly shipper = new DirectShipper()
  readonly #hub: TestHub
  readonly #digests: HubDigests
  #replica: Replica

  private constructor(hub: TestHub, dataDir: string) {
    this.#hub = hub
    this.dataDir = dataDir
    this.#digests = new HubDigests(
      databaseFile(hub.dataDir),
      (work) => writerOf(hub).pause(work),
      () => hub.hub.rowLog.position,
    )
    onTestFinished(() => this.#digests.close())
    this.#replica = this.#open()
  }

  static async start(hub: TestHub): Promise<LocalStandby> {
    await turnLogOn(hub)
    return writerOf(hub).pause(() => {
      const raw = new Database(databaseFile(hub.dataDir), { readonly: true })
      const dataDir = copyDatabase({ raw })
      raw.close()
      const standby = new LocalStandby(hub, dataDir)
      standby.shipper.replica = standby.#replica
      hub.hub.rowLog.shipper = standby.shipper
      return Promise.resolve(standby)
    })
  }

  get replica(): Replica {
    return this.#replica
  }

  /** The hub goes on alone. */
  leave(): Promise<void> {
    return writerOf(this.#hub).pause(() => this.#leaveNow())
  }

  async #leaveNow(): Promise<void> {
    this.shipper.replica = undefined
    await this.#replica.close()
  }

  /** Opens journal and database again, as after a crash, and gets what it has missed. */
  comeBack(): Promise<void> {
    return writerOf(this.#hub).pause(async () => {
      await this.#leaveNow()
      this.#replica = this.#open()
      const missed = this.#hub.hub.rowLog.ring.after(this.#replica.end.lsn)
      if (!missed) throw new Error('the hub has forgotten what the standby needs')
      for (const frame of missed) this.#replica.append(frame)
      this.shipper.replica = this.#replica
    })
  }

  /** The tables that differ, at one position, while the hub goes on. */
  async differences(): Promise<string[]> {
    const found = await this.#digests.compare((position) => this.#replica.digest(position))
    if (!found) throw new Error('the log is off')
    return found.differing
  }

  #open(): Replica {
    return openReplica(this.dataDir, { durable: this.shipper.durable })
  }
}

function writerOf({ hub }: TestHub): Writer {
  if (!(hub.store instanceof SqliteStore)) throw new Error('not a hub on SQLite')
  return hub.store.writer
}
