import { mkdtempSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Pool } from '../../server/backup/pool.ts'
import { restore } from '../../server/backup/restore.ts'
import type { TestUser } from '../../test/support/test-user.ts'

const pollMs = 20
const backupsPerRound = 3

/** Makes backups while others write, and notes which points the hub reports, and how long the record was then. */
export class BackupReports {
  readonly #record: string
  readonly #reports: { at: number; points: ReadonlySet<number> }[] = []
  #isOver = false

  constructor(record: string) {
    this.#record = record
  }

  /** So many were made, or the hub has ended. */
  get isOver(): boolean {
    return this.#isOver
  }

  async make(owner: TestUser): Promise<void> {
    try {
      for (let made = 0; made < backupsPerRound; made += 1) {
        await owner.request('admin.backups.make', {})
        const points = await this.#waitForPoints(owner)
        this.#reports.push({ at: statSync(this.#record).size, points: new Set(points) })
      }
    } catch {
      // a hub whose sync failed ends
    }
    this.#isOver = true
  }

  /** Returns when each was made, which names it. */
  async #waitForPoints(owner: TestUser): Promise<number[]> {
    for (;;) {
      const { work, points } = await owner.request('admin.backups', {})
      if (work === undefined) return points.map(({ madeAt }) => madeAt)
      await setTimeout(pollMs)
    }
  }

  /** What was reported up to this place of the record, without what the hub had pruned when it reported again. */
  requiredAt(end: number): number[] {
    const last = this.#reports.findLastIndex(({ at }) => at <= end)
    const next = this.#reports[last + 1]?.points
    return [...(this.#reports[last]?.points ?? [])].filter((madeAt) => next?.has(madeAt) ?? true)
  }
}

/** Every point that was reported is there, and every point that counts can be restored. Returns how many were. */
export async function checkPoints(
  folder: string,
  hubId: string,
  required: readonly number[],
): Promise<{ restored: number; problems: string[] }> {
  const { points } = new Pool(path.join(folder, 'backups'), hubId).list()
  const problems = required
    .filter((madeAt) => !points.some((point) => point.madeAt === madeAt))
    .map((madeAt) => `the point of ${new Date(madeAt).toISOString()} was reported and is not there`)
  for (const { file } of points) {
    const restored = mkdtempSync(path.join(folder, 'restored-'))
    try {
      await restore(file, path.join(restored, 'data'))
    } catch (error) {
      problems.push(`the point ${path.basename(file)} cannot be restored: ${String(error)}`)
    }
    rmSync(restored, { recursive: true, force: true })
  }
  return { restored: points.length, problems }
}
