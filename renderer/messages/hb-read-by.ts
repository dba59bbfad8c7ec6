import { css, html, LitElement, nothing } from 'lit'
import type { Output } from '../../shared/contract.ts'
import { isRequestError } from '../connection/request.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { dayAndTime, exactTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { errorMessage } from '../ui/error-message.ts'
import { renderProblem } from '../ui/form.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-dialog.ts'
import { userAvatar } from '../users/avatars.ts'
import { nameMarks, nameMarksStyles } from '../users/name-marks.ts'

/** Rows at first, and at each "Show more". A large hub is asked for the names of those who are shown. */
const pageSize = 200

type Receipts = Output<'messages.status'>

/**
 * The members who have received and read a message of the user: in groups of any size, also those whose receipts are not
 * live, and when, as far as the hub knows. Fetched when it opens, and again when the hub is back. Emits `hb-close`.
 */
export class HbReadBy extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    item: { attribute: false },
    receipts: { state: true },
    problem: { state: true },
    shownCount: { state: true },
  }
  declare hub: Hub
  declare item: MessageItem
  declare receipts: Receipts | undefined
  declare problem: string
  declare shownCount: number

  #wasLive: boolean | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    nameMarksStyles,
    css`
      h3 {
        margin: 0 0 var(--space-2);
        font: var(--type-label);
        color: var(--color-text-muted);
      }
      section + section {
        margin-block-start: var(--space-5);
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: 44px;
        content-visibility: auto;
        contain-intrinsic-block-size: 44px;
      }
      li span {
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      time {
        flex: none;
        max-inline-size: 50%;
        margin-inline-start: auto;
        font: var(--type-meta);
        color: var(--color-text-muted);
        text-align: end;
      }
    `,
  ]

  constructor() {
    super()
    this.receipts = undefined
    this.problem = ''
    this.shownCount = pageSize
  }

  protected override willUpdate(): void {
    const isLive = this.hub.connectionState.value === 'live'
    const isBack = isLive && this.#wasLive === false
    this.#wasLive = isLive
    if (!this.hasUpdated || (isBack && !this.receipts)) untracked(() => void this.#fetch())
  }

  protected override render(): unknown {
    return html`<hb-dialog .heading=${t('messages.readByTitle')} @hb-close=${this.#close}>
      ${this.receipts ? this.#renderReceipts(this.receipts) : renderProblem(this.problem)}
      <button slot="actions" class="button" autofocus @click=${this.#close}>${t('common.close')}</button>
    </hb-dialog>`
  }

  #renderReceipts({ deliveredTo, readBy, times }: Receipts): unknown {
    const readers = new Set(readBy)
    const others = deliveredTo.filter((id) => !readers.has(id))
    const count = readBy.length
    return html`${
      count > 0
        ? this.#renderUsers(t('messages.readByCount', { count }), readBy, timesOf(times, 'readAt'))
        : html`<p>${t('messages.readByNobody')}</p>`
    }
    ${
      others.length > 0
        ? this.#renderUsers(
            t('messages.deliveredToCount', { count: others.length }),
            others,
            timesOf(times, 'deliveredAt'),
          )
        : nothing
    }`
  }

  #renderUsers(heading: string, userIds: readonly string[], times: ReadonlyMap<string, number>): unknown {
    const { users } = this.hub
    const left = userIds.length - this.shownCount
    const byName = userIds
      .slice(0, this.shownCount)
      .map((id) => ({ id, name: users.nameOf(id) }))
      .sort((a, b) => collator.compare(a.name, b.name))
    return html`<section>
      <h3>${heading}</h3>
      <ul aria-label=${heading}>
        ${byName.map(
          ({ id, name }) =>
            html`<li>
              ${userAvatar(this.hub, id)}<span><bdi>${name}</bdi>${nameMarks(users.get(id))}</span
              >${renderTime(times.get(id))}
            </li>`,
        )}
      </ul>
      ${
        left > 0
          ? html`<button class="button small" @click=${() => (this.shownCount += pageSize)}>
              ${t('members.showAll', { count: Math.min(left, pageSize) })}
            </button>`
          : nothing
      }
    </section>`
  }

  async #fetch(): Promise<void> {
    try {
      this.receipts = await this.hub.request('messages.status', { messageId: this.item.id ?? '' })
      this.problem = ''
    } catch (error) {
      this.problem = isRequestError(error, 'offline') ? t('messages.readByOffline') : errorMessage(error)
    }
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

/** The times that the hub knows, by user. */
function timesOf(times: Receipts['times'], kind: 'readAt' | 'deliveredAt'): Map<string, number> {
  return new Map(times.flatMap(({ userId, [kind]: at }) => (at === undefined ? [] : [[userId, at]])))
}

function renderTime(at: number | undefined): unknown {
  if (at === undefined) return nothing
  return html`<time datetime=${new Date(at).toISOString()} data-tip=${exactTime(at)}>
    ${dayAndTime(at, Date.now())}
  </time>`
}

const collator = new Intl.Collator()

customElements.define('hb-read-by', HbReadBy)

declare global {
  interface HTMLElementTagNameMap {
    'hb-read-by': HbReadBy
  }
}
