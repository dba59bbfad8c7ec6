import type pg from 'pg'
import type { Term } from '../../../shared/term.ts'
import { type MakeTerm, readTerm, type TermLink } from '../terms.ts'
import type { LockKeys } from './locks.ts'

/*
 * Which computer is the hub, as `store_state` has it. `term` is '' until a term was needed; one that is not of the epoch of the
 * hub is due to be replaced. `superseded` has the term of the hub elsewhere.
 */

/** Said of the serving process while another computer is the hub. */
export const supersededMark = 'superseded'

/** Notes within the transaction that begins a new epoch that the term of before is no longer that of the hub. */
export const termIsDueSql = `update store_state set term = case when term = '' then '{}' else term end`

export class PostgresTerms implements TermLink {
  own: Term | undefined
  onSuperseded: ((term: Term) => void) | undefined
  readonly #client: () => pg.Client | undefined
  readonly #keys: LockKeys

  /** @param client the session of this process */
  constructor(client: () => pg.Client | undefined, keys: LockKeys) {
    this.#client = client
    this.#keys = keys
  }

  /** One statement, so a transaction: it waits for those that write, and each later one finds it. */
  async supersede(term: Term): Promise<void> {
    await this.#session().query({
      text: `update store_state set superseded = $1
        from (select pg_advisory_xact_lock(${this.#keys.hub})) as held`,
      values: [JSON.stringify(term)],
    })
  }

  async renew(make: MakeTerm): Promise<void> {
    await this.#write(async (client) => {
      const { epoch, term } = await readStored(client)
      const stored = readTerm(term)
      const isDue = epoch !== undefined && term !== '' && stored?.epoch !== epoch
      this.own = isDue ? make(epoch, stored) : stored
      if (isDue) await writeOwn(client, this.own)
    })
  }

  async goOn(epoch: string, make: MakeTerm): Promise<boolean> {
    return this.#write(async (client) => {
      const { superseded } = await readStored(client)
      if (superseded === '') return false
      this.own = make(epoch, readTerm(superseded))
      await writeOwn(client, this.own)
      await client.query({ text: 'update hub set epoch = $1', values: [epoch] })
      return true
    })
  }

  /** Looks if another process has noted that another computer is the hub. */
  async check(): Promise<void> {
    const { rows } = await this.#session().query<{ superseded: string }>('select superseded from store_state')
    const term = readTerm(rows[0]?.superseded ?? '')
    if (term) this.onSuperseded?.(term)
  }

  #session(): pg.Client {
    const client = this.#client()
    if (!client) throw new Error('no session of the database')
    return client
  }

  async #write<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.#session()
    await client.query(`begin; select pg_advisory_xact_lock(${this.#keys.hub})`)
    try {
      const result = await run(client)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(() => undefined)
      throw error
    }
  }
}

async function readStored(
  client: pg.Client,
): Promise<{ term: string; superseded: string; epoch: string | undefined }> {
  const { rows } = await client.query<{ term: string; superseded: string; epoch: string | null }>(
    'select term, superseded, (select epoch from hub) as epoch from store_state',
  )
  const { term = '', superseded = '', epoch } = rows[0] ?? {}
  return { term, superseded, epoch: epoch ?? undefined }
}

export async function writeOwn(client: pg.ClientBase, term: Term | undefined): Promise<void> {
  await client.query({
    text: `update store_state set term = $1, superseded = ''`,
    values: [term ? JSON.stringify(term) : ''],
  })
}
