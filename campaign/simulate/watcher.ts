import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { FromHub } from '../../shared/contract/live.ts'
import { messageValue, absent } from '../kill/disk.ts'
import { digestOfFile } from './made-files.ts'
import type { Registers } from '../kill/registers.ts'

/*
 * Sees every frame of a history: what was acknowledged, and what reached whom. Two runs of one seed have the same digest.
 */

interface RequestFrame {
  t: string
  id?: unknown
  name?: string
  input?: unknown
}

interface SendInput {
  chatId: string
  cid: string
  text: string
  attachments?: string[]
}

interface SentMessage {
  cid: string
  /** Of its register. */
  value: string
}

export class Watcher {
  readonly #registers: Registers
  readonly #digest = createHash('sha256')
  readonly #pushed: { userId: string; stream: string; seq: number }[] = []
  readonly #cids = new Map<string, string>()
  readonly #sentCids = new Set<string>()
  readonly #acknowledgedCids = new Set<string>()
  readonly #chats = new Map<string, string>()
  /** The names of files, by their ids on the hub. */
  readonly #fileNames = new Map<string, string>()
  /** Of texts that are forwarded with the files of another message. */
  readonly #forwardedFiles = new Map<string, readonly string[]>()
  frames = 0

  constructor(registers: Registers) {
    this.#registers = registers
  }

  /** What one tab sends and gets. Its requests have numbers of their own. */
  watchTab(userId: string): {
    onSentByHub: (messages: FromHub[]) => void
    onArrived: (messages: FromHub[]) => void
    onRequest: (messages: RequestFrame[]) => void
    onUpload: (fileId: string, metadata: string) => void
  } {
    const sends = new Map<unknown, SentMessage>()
    return {
      onRequest: (messages) => {
        for (const { t, id, name, input } of messages) {
          if (t !== 'req') continue
          // after a login a tab begins to count again
          sends.delete(id)
          if (name !== 'messages.send') continue
          const { chatId, cid, text, attachments } = input as SendInput
          const value = this.valueOf(text, attachments ?? this.#forwardedFiles.get(text))
          sends.set(id, { cid, value })
          if (this.#sentCids.has(cid)) continue
          this.#sentCids.add(cid)
          this.#cids.set(text, cid)
          this.begin({ cid, chatId, value })
        }
      },
      onUpload: (fileId, metadata) => {
        const name = /filename ([^,]*)/.exec(metadata)?.[1] ?? ''
        this.#fileNames.set(fileId, Buffer.from(name, 'base64').toString())
      },
      onSentByHub: (messages) => {
        for (const message of messages) {
          if (message.t === 'entry') this.#pushed.push({ userId, stream: message.stream, seq: message.seq })
        }
      },
      onArrived: (messages) => {
        this.frames += 1
        this.#digest.update(
          `${userId} ${JSON.stringify(messages.map((one) => ({ ...one, now: 0, hubId: '' })))}\n`,
        )
        for (const message of messages) {
          const sent = message.t === 'ok' ? sends.get(message.id) : undefined
          if (!sent || this.#acknowledgedCids.has(sent.cid)) continue
          this.#acknowledgedCids.add(sent.cid)
          this.#registers.acknowledge(`message ${sent.cid}`, sent.value)
        }
      },
    }
  }

  get acknowledged(): number {
    return this.#acknowledgedCids.size
  }

  /** A message leaves for the hub. */
  begin({ cid, chatId, value }: SentMessage & { chatId: string }): void {
    this.#chats.set(cid, chatId)
    this.#registers.begin(`message ${cid}`, value, absent)
  }

  /** The value of the register of a message with these files. */
  valueOf(text: string, fileIds: readonly string[] = []): string {
    const digests = fileIds.map((id) => digestOfFile(this.#fileNames.get(id) ?? ''))
    return messageValue(text, digests.sort().join())
  }

  /** Before this text is sent with the files of another message. */
  expectForwarded(text: string, fileIds: readonly string[]): void {
    this.#forwardedFiles.set(text, fileIds)
  }

  nameOfFile(fileId: string): string | undefined {
    return this.#fileNames.get(fileId)
  }

  get latestFileId(): string | undefined {
    return [...this.#fileNames.keys()].at(-1)
  }

  chatOf(cid: string): string | undefined {
    return this.#chats.get(cid)
  }

  /** Undefined if the message never left its page. */
  cidOf(text: string): string | undefined {
    return this.#cids.get(text)
  }

  digest(): string {
    return this.#digest.copy().digest('hex')
  }

  /** Entries of a chat that the hub pushed to a user who was not in it. */
  findLeaks(raw: Database.Database): string[] {
    const changes = raw.prepare(
      `select seq, type from entry where stream = ? and target = ? and type in ('member.added', 'member.removed') order by seq`,
    )
    const known = new Map<string, { seq: number; type: string }[]>()
    return this.#pushed.flatMap(({ userId, stream, seq }) => {
      if (!stream.startsWith('chat:')) return []
      const key = `${stream} ${userId}`
      const list = known.get(key) ?? (changes.all(stream, userId) as { seq: number; type: string }[])
      known.set(key, list)
      const last = list.filter((one) => one.seq <= seq).at(-1)
      return last?.type === 'member.added'
        ? []
        : [`${userId} got entry ${seq} of ${stream} without being in it`]
    })
  }
}
