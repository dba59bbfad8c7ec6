import { frameTypes } from '../continuity/frame.ts'
import type { KeptMessage } from '../continuity/set-aside-messages.ts'
import type { SetAsideSource, SetAsideSummary } from '../continuity/set-aside.ts'
import { newId } from '../ids.ts'
import { checkFolders, checkMessages } from './set-aside-form.ts'
import type { Stream } from './stream.ts'

/** What a connected standby has set aside. */

/** A comparison of large databases takes a while, and nothing else waits for it. */
const answerTimeoutMs = 10 * 60_000
const maxFolders = 20

interface Asked {
  resolve: (body: Record<string, unknown>) => void
  reject: (error: Error) => void
}

export class RemoteSetAside implements SetAsideSource {
  folders: readonly SetAsideSummary[] = []
  readonly #stream: Stream
  readonly #asked = new Map<string, Asked>()

  constructor(stream: Stream) {
    this.#stream = stream
  }

  /** The standby has said what it has. @throws Error if that has not the form of it */
  reported(body: Record<string, unknown>): void {
    this.folders = checkFolders(body['folders']).slice(0, maxFolders)
  }

  answered({ id, problem, ...body }: Record<string, unknown>): void {
    const asked = this.#asked.get(String(id))
    if (!asked) return
    this.#asked.delete(String(id))
    if (typeof problem === 'string') asked.reject(new Error(problem))
    else asked.resolve(body)
  }

  ended(): void {
    for (const { reject } of this.#asked.values()) reject(new Error('The other computer has left.'))
    this.#asked.clear()
  }

  async refresh(upTo: number): Promise<void> {
    await this.#ask({ do: 'refresh', upTo })
  }

  async readMessages(folder: string, after: number): Promise<readonly KeptMessage[]> {
    const { messages } = await this.#ask({ do: 'messages', folder, after })
    return checkMessages(messages, after)
  }

  async readFile(folder: string, digest: string, from: number): Promise<Buffer | undefined> {
    const { part } = await this.#ask({ do: 'file', folder, digest, from })
    return typeof part === 'string' ? Buffer.from(part, 'base64') : undefined
  }

  async remove(folder: string): Promise<void> {
    await this.#ask({ do: 'remove', folder })
  }

  #ask(body: object): Promise<Record<string, unknown>> {
    if (this.#stream.isOver) return Promise.reject(new Error('The other computer has left.'))
    const id = newId()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id)
        reject(new Error('The other computer has not answered.'))
      }, answerTimeoutMs).unref()
      const settle =
        <T>(run: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer)
          run(value)
        }
      this.#asked.set(id, { resolve: settle(resolve), reject: settle(reject) })
      this.#stream.send(frameTypes.fetch, { id, ...body })
    })
  }
}
