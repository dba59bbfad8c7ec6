import type { RequestError } from '../connection/request.ts'
import type { Drafts } from './drafts.ts'
import type { Edit } from './edits.ts'

/** An edit in a composer. */
export interface EditDraft {
  /** The message. */
  readonly id: string
  /** The rev the edit is based on; undefined if it replaces any rev. */
  readonly rev: number | undefined
  readonly text: string
  /** The text of the message when the edit began. */
  readonly original?: string
  /** The message has files, so that its text may be removed. */
  readonly hasFiles?: boolean | undefined
  /** Why the hub refused it, as the user reads it. */
  readonly problem?: string | undefined
}

/** The edits that are being written, one in each chat and thread; cached as drafts are. */
export class EditDrafts {
  readonly #drafts: Drafts

  constructor(drafts: Drafts) {
    this.#drafts = drafts
  }

  /** Watched. */
  get(key: string): EditDraft | undefined {
    const cached = this.#drafts.get(draftKey(key))
    return cached === '' ? undefined : (JSON.parse(cached) as EditDraft)
  }

  set(key: string, edit: EditDraft | undefined): void {
    this.#drafts.setLocal(draftKey(key), edit ? JSON.stringify(edit) : '')
  }

  /**
   * Puts a refused edit back into its composer. Returns false while another edit is written there.
   * @param currentRev of the message, if it is held: a user who saves again after reading of the conflict means it
   */
  restore(
    { id, draftKey: key, rev, text, hasFiles }: Edit,
    error: RequestError,
    currentRev: number | undefined,
  ): boolean {
    if (this.get(key)) return false
    const base = error.code === 'conflict' ? currentRev : rev
    this.set(key, { id, rev: base, text, hasFiles, problem: error.message })
    return true
  }
}

function draftKey(key: string): string {
  return `edit:${key}`
}
