import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import '../ui/hb-avatar.ts'
import { t } from '../text/t.ts'
import { askedAt, type Asked, type Offer } from './completion.ts'
import type { Change } from './editing.ts'
import type { Offers } from './offers.ts'

/** The list over the composer from which a name, a group, an emoji or a command is taken. The focus stays in the field. */
export class Completing implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #apply: (change: Change) => void
  #asked: Asked | undefined
  #offers: readonly Offer[] = []
  #active = 0
  /** Closed with Escape: not opened again for what is being typed. */
  #closedAt: number | undefined
  #turn = 0

  constructor(host: ReactiveControllerHost, apply: (change: Change) => void) {
    this.#host = host
    this.#apply = apply
    host.addController(this)
  }

  hostDisconnected(): void {
    this.close()
  }

  get isOpen(): boolean {
    return this.#offers.length > 0
  }

  get activeId(): string | undefined {
    return this.isOpen ? `offer-${this.#active}` : undefined
  }

  /** The text or the caret has changed. */
  async look(text: string, from: number, to: number, offers: Offers): Promise<void> {
    const turn = ++this.#turn
    const asked = from === to ? askedAt(text, to) : undefined
    if (!asked || asked.from === this.#closedAt) {
      if (!asked) this.#closedAt = undefined
      this.#show(undefined, [])
      return
    }
    try {
      const answer = offers(asked)
      const list = answer instanceof Promise ? await answer : answer
      if (turn === this.#turn) this.#show(asked, list)
    } catch {
      // emoji that cannot be loaded now are not offered
      if (turn === this.#turn) this.#show(undefined, [])
    }
  }

  close(): void {
    this.#turn += 1
    this.#closedAt = this.#asked?.from
    this.#show(undefined, [])
  }

  /** Answers whether the key was meant for the list. */
  key(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.isComposing) return false
    const last = this.#offers.length - 1
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey
    if (!plain) return false
    if (event.key === 'ArrowDown') this.#active = this.#active === last ? 0 : this.#active + 1
    else if (event.key === 'ArrowUp') this.#active = this.#active === 0 ? last : this.#active - 1
    else if (event.key === 'Enter' || event.key === 'Tab') this.#take(this.#active)
    else if (event.key === 'Escape') this.close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    this.#host.requestUpdate()
    return true
  }

  #take(at: number): void {
    const offer = this.#offers[at]
    const asked = this.#asked
    if (!offer || !asked) return
    const insert = `${offer.insert} `
    const end = asked.from + insert.length
    this.#show(undefined, [])
    this.#apply({ from: asked.from, to: asked.from + 1 + asked.query.length, insert, select: [end, end] })
  }

  #show(asked: Asked | undefined, offers: readonly Offer[]): void {
    if (!asked && this.#offers.length === 0) return
    if (asked?.from !== this.#asked?.from || asked?.query !== this.#asked?.query) this.#active = 0
    this.#asked = asked
    this.#offers = offers
    this.#active = Math.min(this.#active, Math.max(0, offers.length - 1))
    this.#host.requestUpdate()
  }

  render(): unknown {
    return html`
      <div
        id="offers"
        role="listbox"
        aria-label=${t('composer.offers')}
        ?hidden=${!this.isOpen}
        @mousedown=${(event: Event) => event.preventDefault()}
      >
        ${this.#offers.map(
          (offer, at) =>
            html`<div
              id="offer-${at}"
              class="offer"
              role="option"
              aria-selected=${at === this.#active ? 'true' : 'false'}
              @pointermove=${() => this.#point(at)}
              @click=${() => this.#take(at)}
            >
              ${picture(offer)}
              <bdi class="offer-title">${offer.title}</bdi>
              <span class="offer-note">${offer.note}</span>
            </div>`,
        )}
      </div>
      <div class="visually-hidden" role="status">
        ${this.isOpen ? t('composer.offered', { count: this.#offers.length }) : nothing}
      </div>
    `
  }

  #point(at: number): void {
    if (at === this.#active) return
    this.#active = at
    this.#host.requestUpdate()
  }
}

function picture({ emoji, avatar }: Offer): unknown {
  if (avatar) {
    return html`<hb-avatar
      aria-hidden="true"
      .userId=${avatar.id}
      .name=${avatar.name}
      .picture=${avatar.picture}
      .kind=${avatar.kind}
    ></hb-avatar>`
  }
  return emoji === undefined ? nothing : html`<span class="offer-emoji" aria-hidden="true">${emoji}</span>`
}
