import type { SqliteConnection } from '../db/sqlite/connection.ts'

/** Characters in a chunk of the list; a full chunk is never built again. */
const maxChunkLength = 1_000_000

/** Where a search finds terms by their parts. */
export interface TermSource {
  /**
   * Returns terms that contain a part, but not at their beginning. The shortest first: those are closest to the
   * query.
   */
  findContaining(part: string, most: number): string[] | Promise<string[]>
  /** Returns longer terms that end with a part, the shortest first. */
  findEndingWith(part: string, most: number): string[] | Promise<string[]>
}

/** The terms of the index, in memory: searching a million of them for a part takes some milliseconds. */
export class TermList implements TermSource {
  readonly #db: SqliteConnection
  /** Words with a line break before and after each. */
  readonly #chunks: string[] = []
  #lastId = 0

  constructor(db: SqliteConnection) {
    this.#db = db
  }

  findContaining(part: string, most: number): string[] {
    return this.#find(part, most, (word) => !word.startsWith(part))
  }

  findEndingWith(part: string, most: number): string[] {
    return this.#find(`${part}\n`, most, (word) => word !== part)
  }

  #find(part: string, most: number, fits: (word: string) => boolean): string[] {
    this.#refresh()
    const found = new Set<string>()
    for (const piece of this.#chunks) {
      for (let at = piece.indexOf(part); at >= 0;) {
        const begin = piece.lastIndexOf('\n', at) + 1
        const end = piece.indexOf('\n', at)
        const word = piece.slice(begin, end)
        if (fits(word)) found.add(word)
        at = piece.indexOf(part, end)
      }
    }
    return [...found].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most)
  }

  #refresh(): void {
    const rows = this.#db.all<{ id: number; term: string }>(
      'select id, term from search_term where id > ? order by id',
      [this.#lastId],
    )
    const last = rows.at(-1)
    if (!last) return
    this.#lastId = last.id
    const more = `${rows.map(({ term }) => term).join('\n')}\n`
    const open = this.#chunks.at(-1)
    if (open !== undefined && open.length < maxChunkLength)
      this.#chunks[this.#chunks.length - 1] = open + more
    else this.#chunks.push(`\n${more}`)
  }
}
