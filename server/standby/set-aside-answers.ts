import { setTimeout } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { frameTypes } from '../continuity/frame.ts'
import { listSetAside } from '../continuity/diverged.ts'
import { SetAsideFolders } from '../continuity/set-aside.ts'
import { fileNameOf } from '../file-storage/contents.ts'
import { readText } from './frames.ts'
import type { Stream } from './stream.ts'

/** The last frame is applied with the next beat at the latest. */
const applyTimeoutMs = 10_000
const applyPollMs = 20

/** A standby tells its hub what it has set aside, and hands it out when the owner of the hub wants it back. */
export class SetAsideAnswers {
  readonly #dataDir: string
  readonly #log: FastifyBaseLogger
  readonly #folders: SetAsideFolders
  readonly #applied: () => number

  /** @param applied where the database of this standby is */
  constructor(dataDir: string, log: FastifyBaseLogger, applied: () => number) {
    this.#dataDir = dataDir
    this.#applied = applied
    this.#log = log
    this.#folders = new SetAsideFolders(dataDir, log, fileNameOf)
  }

  /** The standby has everything of the hub, so it can say what the hub lacks. */
  report(stream: Stream, upTo: number): void {
    if (listSetAside(this.#dataDir).length === 0) return
    this.#refresh(stream, upTo).catch((error: unknown) =>
      this.#log.warn({ err: error }, 'what was set aside was not compared'),
    )
  }

  /** The hub asks for something. */
  answer(stream: Stream, { id, ...body }: Record<string, unknown>): void {
    this.#do(stream, body).then(
      (result) => stream.send(frameTypes.fetched, { id, ...result }),
      (error: unknown) =>
        stream.send(frameTypes.fetched, { id, problem: (error as Error).message.slice(0, 200) }),
    )
  }

  close(): Promise<void> {
    return this.#folders.close()
  }

  /** What has arrived is applied a moment later; the comparison waits for it. */
  async #refresh(stream: Stream, upTo: number): Promise<void> {
    const until = performance.now() + applyTimeoutMs
    while (this.#applied() < upTo && performance.now() < until && !stream.isOver)
      await setTimeout(applyPollMs)
    await this.#folders.refresh()
    stream.send(frameTypes.setAside, { folders: this.#folders.folders })
  }

  async #do(stream: Stream, body: Record<string, unknown>): Promise<object> {
    if (body['do'] === 'refresh') {
      await this.#refresh(stream, Number(body['upTo']))
      return {}
    }
    const folder = readText(body['folder'])
    switch (body['do']) {
      case 'messages':
        return { messages: await this.#folders.readMessages(folder, Number(body['after'])) }
      case 'file': {
        const part = await this.#folders.readFile(folder, readText(body['digest']), Number(body['from']))
        return part ? { part: part.toString('base64') } : {}
      }
      case 'remove':
        await this.#folders.remove(folder)
        stream.send(frameTypes.setAside, { folders: this.#folders.folders })
        return {}
      default:
        throw new Error('This standby runs another version of Hubbub than the hub. Update it.')
    }
  }
}
