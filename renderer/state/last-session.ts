import type { HubMeta } from '../../shared/contract/hub.ts'
import { parseTerm, type Term } from '../../shared/term.ts'
import type { User } from '../../shared/contract/users.ts'
import { isObject } from '../connection/form.ts'
import { isHubMeta, isUser } from '../connection/hub-forms.ts'
import type { StorageLike } from '../connection/platform.ts'

/** The last session, for the time before the hub responds. It holds no secret. */
export interface LastSession {
  meta?: HubMeta | undefined
  /** The user who was logged in; the shell opens with their cache. */
  me?: User | undefined
  /** On a shared computer: the session ends with the browser, so without the hub nobody may open it after that. */
  brief?: boolean | undefined
  /** The user logged out while the hub was unreachable. */
  leaving?: boolean | undefined
  /** The highest term that the hub has shown: it says which computer may write. */
  term?: Term | undefined
}

export class LastSessionStorage {
  readonly #storage: StorageLike
  /** Lives as long as the tab. */
  readonly #tabStorage: StorageLike | undefined
  readonly #key: string

  constructor(storage: StorageLike, base: string, tabStorage?: StorageLike) {
    this.#storage = storage
    this.#tabStorage = tabStorage
    this.#key = `hubbub${base}`
  }

  /** The hub has confirmed the session in this tab. */
  confirmTab(): void {
    this.#tabStorage?.setItem(this.#key, 'confirmed')
  }

  /** False in a tab that was opened after the browser of a shared computer was closed. */
  get mayOpen(): boolean {
    return !this.read().brief || this.#tabStorage?.getItem(this.#key) === 'confirmed'
  }

  /** The highest term, for the connection. */
  readonly term = {
    read: (): Term | undefined => this.read().term,
    write: (term: Term | undefined): void => this.update({ term }),
  }

  /** What is damaged, or of another release, counts as unknown: the hub tells it again. */
  read(): LastSession {
    const { meta, me, brief, leaving, term } = this.#readStored()
    return {
      ...(isHubMeta(meta) && { meta }),
      ...(isUser(me) && { me }),
      // of a computer that may be a shared one nothing is shown before the hub has responded
      ...(brief !== undefined && { brief: brief !== false }),
      ...(leaving !== undefined && { leaving: leaving === true }),
      term: parseTerm(term),
    }
  }

  #readStored(): Readonly<Record<string, unknown>> {
    try {
      const stored: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? '{}')
      return isObject(stored) ? stored : {}
    } catch {
      return {}
    }
  }

  update(changes: LastSession): void {
    this.#storage.setItem(this.#key, JSON.stringify({ ...this.#readStored(), ...changes }))
  }
}
