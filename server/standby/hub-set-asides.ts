import type { SetAside } from '../../shared/contract/standbys.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { audit } from '../audit/audit.ts'
import type { HubContext } from '../context.ts'
import { listSetAside } from '../continuity/diverged.ts'
import { SetAsideFolders, type SetAsideSource } from '../continuity/set-aside.ts'
import { fileNameOf } from '../file-storage/contents.ts'
import { runOperation } from '../operation.ts'
import { RemoteSetAside } from './remote-set-aside.ts'
import { reclaim, type ReclaimCounts } from './reclaim.ts'
import type { PeerSession } from './peer-session.ts'
import type { Stream } from './stream.ts'

/*
 * What the computers of a hub have set aside, and bringing it back. One folder at a time; it goes on while the page that
 * started it is closed.
 */

const refreshIntervalMs = 60_000

export interface Folder {
  node: string
  folder: string
}

interface Run extends Folder {
  counts: ReclaimCounts
  isOver: boolean
  problem?: string
}

export class HubSetAsides {
  readonly #sources = new Map<string, SetAsideSource>()
  readonly #remotes = new Map<Stream, { node: string; source: RemoteSetAside }>()
  readonly #onChange: () => void
  #own: SetAsideFolders | undefined
  #hub: HubContext | undefined
  /** What was brought back last, or is now. */
  #run: Run | undefined

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** @param ownNode this computer may have been the hub before, and lost it */
  attach(hub: HubContext, ownNode: string): void {
    this.#hub = hub
    if (listSetAside(hub.dataDir).length === 0) return
    const own = (this.#own = new SetAsideFolders(hub.dataDir, hub.log, fileNameOf))
    this.#sources.set(ownNode, own)
    own.refresh().then(this.#onChange, (error: unknown) => {
      hub.log.warn({ err: error }, 'what was set aside was not compared')
    })
  }

  /**
   * A standby says what it has set aside. @throws Error for a third computer: it has nothing of the team, and could name
   * messages that nobody wrote
   */
  reported({ hello, stream }: PeerSession, body: Record<string, unknown>): void {
    if (hello?.kind !== 'standby') throw new Error('a frame that only a standby sends')
    const { node } = hello
    const source = this.#remotes.get(stream)?.source ?? new RemoteSetAside(stream)
    this.#remotes.set(stream, { node, source })
    this.#sources.set(node, source)
    source.reported(body)
    this.#onChange()
  }

  answered(stream: Stream, body: Record<string, unknown>): void {
    this.#remotes.get(stream)?.source.answered(body)
  }

  ended(stream: Stream): void {
    const remote = this.#remotes.get(stream)
    if (!remote) return
    this.#remotes.delete(stream)
    if (this.#sources.get(remote.node) === remote.source) this.#sources.delete(remote.node)
    remote.source.ended()
  }

  async close(): Promise<void> {
    await this.#own?.close()
  }

  /** Clients may have sent their messages again since. Called while the owner looks, so at most once a minute. */
  refreshSoon(): void {
    const hub = this.#hub
    const now = performance.now()
    const isLacking = [...this.#sources.values()].some(({ folders }) =>
      folders.some(({ messages }) => messages > 0),
    )
    if (!hub || !isLacking || this.#run?.isOver === false || now - this.#refreshedAt < refreshIntervalMs)
      return
    this.#refreshedAt = now
    for (const source of this.#sources.values()) {
      source
        .refresh(hub.rowLog.position?.lsn ?? 0)
        .catch((error: unknown) => hub.log.info({ err: error }, 'what was set aside was not compared'))
    }
  }
  #refreshedAt = performance.now()

  /** For the owner. @param nameOf the name of a computer */
  describe(nameOf: (node: string) => string): SetAside[] {
    return [...this.#sources].flatMap(([node, { folders }]) =>
      folders.map(({ problem, ...summary }): SetAside => {
        const run = this.#run?.node === node && this.#run.folder === summary.folder ? this.#run : undefined
        const why = problem ?? run?.problem
        return {
          ...summary,
          ...{ node, name: nameOf(node) },
          other: Object.entries(summary.other).map(([kind, count]) => ({ kind, count })) as SetAside['other'],
          isRunning: run !== undefined && !run.isOver,
          ...(run ? { brought: run.counts.brought, refused: run.counts.refused } : {}),
          ...(why === undefined ? {} : { problem: why }),
        }
      }),
    )
  }

  /** Starts to bring messages back. @throws HubError not_found, conflict */
  async start(by: string, { node, folder }: Folder): Promise<void> {
    const { source, summary } = this.#find({ node, folder })
    this.#requireIdle()
    const run: Run = { node, folder, counts: { brought: 0, known: 0, refused: 0 }, isOver: false }
    this.#run = run
    try {
      await this.#record('standby.reclaim-started', by, node, { folder, messages: summary.messages })
    } catch (error) {
      this.#run = undefined
      throw error
    }
    void this.#bringBack(by, source, run)
  }

  /** Removes a folder for good. @throws HubError */
  async remove(by: string, { node, folder }: Folder): Promise<void> {
    const { source } = this.#find({ node, folder })
    this.#requireIdle()
    await source.remove(folder).catch((error: unknown) => {
      throw new HubError('conflict', `The folder was not deleted: ${(error as Error).message}. Try again.`)
    })
    this.#run = undefined
    await this.#record('standby.set-aside-deleted', by, node, { folder })
    this.#onChange()
  }

  async #bringBack(by: string, source: SetAsideSource, run: Run): Promise<void> {
    const hub = this.#hub as HubContext
    try {
      await reclaim(hub, source, run.folder, run.counts)
    } catch (error) {
      hub.log.warn({ err: error, folder: run.folder }, 'not everything was brought back')
      run.problem = `Not everything was brought back: ${(error as Error).message} Try again.`
    }
    const { folder, counts, node } = run
    await this.#record('standby.reclaimed', by, node, { folder, ...counts }).catch((error: unknown) =>
      hub.log.warn({ err: error }, 'the audit log has no line about what was brought back'),
    )
    run.isOver = true
    this.#onChange()
  }

  #find({ node, folder }: Folder) {
    const source = this.#sources.get(node)
    const summary = source?.folders.find((one) => one.folder === folder)
    if (source && summary) return { source, summary }
    throw notFound('What this computer has set aside')
  }

  #requireIdle(): void {
    if (this.#run?.isOver !== false) return
    throw new HubError('conflict', 'Messages are being brought back. Wait until that is done.')
  }

  #record(
    action: 'standby.reclaim-started' | 'standby.reclaimed' | 'standby.set-aside-deleted',
    by: string,
    target: string,
    detail: Record<string, string | number>,
  ): Promise<void> {
    return runOperation(this.#hub as HubContext, { locks: [] }, (op) => {
      audit(op, { action, by, target, detail })
      return Promise.resolve()
    })
  }
}
