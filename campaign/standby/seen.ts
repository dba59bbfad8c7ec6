import type Database from 'better-sqlite3'

/*
 * What clients were shown and told in a round: messages that other people have seen, and messages that were acknowledged,
 * with their places in the chat. None of them may vanish or move.
 */

interface MessageOutput {
  message?: { id?: unknown; seq?: unknown }
}

export class Seen {
  /** The place of each message in its chat, by its id. */
  readonly #places = new Map<string, number>()
  /** A message that two answers or entries put at two places. */
  readonly problems: string[] = []

  get size(): number {
    return this.#places.size
  }

  /** An answer or a live entry, with the message that it is about. */
  note(answer: unknown): void {
    const { message } = (answer ?? {}) as MessageOutput
    if (typeof message?.id !== 'string' || typeof message.seq !== 'number') return
    const { id, seq } = message
    const before = this.#places.get(id)
    if (before !== undefined && before !== seq)
      this.problems.push(`message ${id} is at ${before} and at ${seq}`)
    this.#places.set(id, seq)
  }

  /** Compares with a database of the hub, and forgets. Returns those that are gone, and what is wrong. */
  settle(raw: Database.Database): { gone: string[]; problems: string[] } {
    const find = raw.prepare('select seq from message where id = ?').pluck()
    const gone: string[] = []
    const problems = this.problems.splice(0)
    for (const [id, seq] of this.#places) {
      const stored = find.get(id) as number | undefined
      if (stored === undefined) gone.push(id)
      else if (stored !== seq) problems.push(`message ${id} was at ${seq} and is at ${stored}`)
    }
    this.#places.clear()
    return { gone, problems }
  }
}
