import type { Drafts } from './drafts.ts'

/** An edit that stands in a composer. */
export interface EditDraft {
  /** The message. */
  readonly id: string
  /** What it is based on; none where it is meant whatever came between. */
  readonly rev: number | undefined
  readonly text: string
  /** Why the hub did not want it, in words for a person. */
  readonly problem?: string | undefined
}

/** The edits that are being written, one in each chat and thread; kept as drafts are. */
export class EditDrafts {
  readonly #drafts: Drafts

  constructor(drafts: Drafts) {
    this.#drafts = drafts
  }

  /** Watched. */
  get(place: string): EditDraft | undefined {
    const kept = this.#drafts.get(draftKey(place))
    return kept === '' ? undefined : (JSON.parse(kept) as EditDraft)
  }

  set(place: string, edit: EditDraft | undefined): void {
    this.#drafts.set(draftKey(place), edit ? JSON.stringify(edit) : '')
  }
}

function draftKey(place: string): string {
  return `edit:${place}`
}
