import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { isRequestError } from '../connection/request.ts'
import { openMessage } from '../navigation/dialogs.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import type { Hub } from '../state/hub.ts'
import {
  isoDay,
  isoMonth,
  loadMessageDays,
  messageDaysOf,
  numberOnDay,
  type MessageDays,
} from '../state/message-days.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { firstDayOfWeek, longDay, monthAndYear, weekdayNames } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { dialogStyles } from '../ui/dialog-styles.ts'
import { errorMessage } from '../ui/error-message.ts'
import { renderProblem } from '../ui/form.ts'
import '../ui/hb-dialog.ts'
import '../ui/hb-icon.ts'
import { dayForKey, sameDayOf, weeksOf } from './calendar-month.ts'

/**
 * A calendar that leads to the messages of a day; days with messages are marked. Also leads to the first message, the
 * first unread and the newest one. Emits `hb-close`, and `hb-open-chat` (see `navigation/dialogs.ts`).
 */
export class HbGoToDate extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    at: { attribute: false },
    day: { state: true },
    page: { state: true },
    problem: { state: true },
  }
  declare hub: Hub
  declare chatId: string
  /** A time on the day to begin at; without it, today. */
  declare at: number | undefined
  /** The day that the arrow keys have reached. */
  declare day: Date
  declare page: MessageDays | undefined
  declare problem: string

  #loadedMonth = ''
  /** The hub did not respond: the days are those of the messages that this device keeps. */
  #isPartial = false

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      .month {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      .month h3 {
        flex: 1;
        margin: 0;
        font: var(--type-label);
        text-align: center;
      }
      table {
        inline-size: 100%;
        margin-block: var(--space-2) var(--space-4);
        border-collapse: collapse;
        table-layout: fixed;
      }
      th {
        padding-block: var(--space-1);
        font: var(--type-meta);
        font-weight: 500;
        color: var(--color-text-muted);
      }
      td {
        padding: 1px;
        text-align: center;
      }
      td button {
        inline-size: 100%;
        min-block-size: 2.25rem;
        padding: 0;
        border: 1px solid transparent;
        border-radius: var(--radius-control);
        background: transparent;
        color: var(--color-text-muted);
        cursor: pointer;
      }
      td button:hover:not(:disabled) {
        background: var(--color-surface-hover);
      }
      td button.has {
        color: var(--color-text);
        font-weight: 600;
        background: var(--color-button);
      }
      td button[aria-current] {
        border-color: var(--color-accent-text);
      }
      td button:disabled {
        cursor: default;
        opacity: 0.5;
      }
      .places {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
    `,
  ]

  constructor() {
    super()
    this.at = undefined
    this.day = new Date()
    this.page = undefined
    this.problem = ''
  }

  protected override willUpdate(): void {
    if (!this.hasUpdated && this.at !== undefined) this.day = new Date(this.at)
    const month = isoMonth(this.day)
    const isBack = this.#isPartial && this.hub.connectionState.value === 'live'
    if (month === this.#loadedMonth && !isBack) return
    this.#isPartial = false
    this.#loadedMonth = month
    this.page = undefined
    untracked(() => void this.#load(month))
  }

  protected override render(): unknown {
    const { firstUnreadNo } = this.hub.conversation(this.chatId)
    const unreadNo = firstUnreadNo.peek()
    return html`<hb-dialog .heading=${t('goToDate.title')} @hb-close=${this.#close}>
      <div class="month">
        ${this.#renderStep(-1)}
        <h3 id="month" aria-live="polite">${monthAndYear(this.day.getTime())}</h3>
        ${this.#renderStep(1)}
      </div>
      ${this.#renderDays()} ${renderProblem(this.problem)}
      <div class="places">
        <button class="button small" @click=${() => this.#open(1)}>${t('goToDate.first')}</button>
        ${
          unreadNo === undefined
            ? nothing
            : html`<button class="button small" @click=${() => this.#open(unreadNo)}>
                ${t('goToDate.firstUnread')}
              </button>`
        }
        <button class="button small" @click=${() => this.#open(this.#lastNo)}>${t('goToDate.newest')}</button>
      </div>
      <button slot="actions" class="button" @click=${this.#close}>${t('common.cancel')}</button>
    </hb-dialog>`
  }

  #renderStep(by: 1 | -1): unknown {
    const label = t(by === 1 ? 'goToDate.nextMonth' : 'goToDate.previousMonth')
    const isLater = by === 1 && isoMonth(this.day) >= isoMonth(new Date())
    return html`<button
      class="icon-button"
      aria-label=${label}
      data-tip=${label}
      aria-disabled=${isLater}
      @click=${() => this.#moveTo(sameDayOf(this.day, by))}
    >
      <hb-icon name=${by === 1 ? 'chevron-right' : 'chevron-left'}></hb-icon>
    </button>`
  }

  #renderDays(): unknown {
    const { day } = this
    const weeks = weeksOf(day.getFullYear(), day.getMonth(), firstDayOfWeek)
    return html`<table role="grid" aria-labelledby="month" @keydown=${this.#onKey}>
      <thead>
        <tr>
          ${(weeks[0] ?? []).map((each) => {
            const { short, long } = weekdayNames(each.getTime())
            return html`<th scope="col" abbr=${long}>${short}</th>`
          })}
        </tr>
      </thead>
      <tbody>
        ${weeks.map(
          (week) =>
            html`<tr>
              ${week.map((each) => this.#renderDay(each))}
            </tr>`,
        )}
      </tbody>
    </table>`
  }

  #renderDay(day: Date): unknown {
    if (day.getMonth() !== this.day.getMonth()) return html`<td></td>`
    const key = isoDay(day)
    const hasMessages = this.page?.days.some((each) => each.day === key) ?? false
    const isToday = key === isoDay(new Date())
    const isReached = key === isoDay(this.day)
    const name = longDay(day.getTime())
    return html`<td aria-selected=${isReached}>
      <button
        class=${hasMessages ? 'has' : ''}
        tabindex=${isReached ? 0 : -1}
        ?autofocus=${isReached}
        aria-label=${hasMessages ? t('goToDate.withMessages', { day: name }) : name}
        aria-current=${isToday ? 'date' : nothing}
        ?disabled=${key > isoDay(new Date())}
        @click=${() => void this.#choose(key)}
      >
        ${day.getDate()}
      </button>
    </td>`
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const next = dayForKey(event, this.day, { firstDayOfWeek, isRightToLeft })
    if (!next) return
    event.preventDefault()
    this.#moveTo(next)
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('td button[tabindex="0"]')?.focus(),
    )
  }

  /** The future has no messages. */
  #moveTo(day: Date): void {
    const today = new Date()
    this.day = day > today ? today : day
  }

  async #load(month: string): Promise<void> {
    try {
      const page = await loadMessageDays(this.hub.request, this.chatId, month)
      if (month !== this.#loadedMonth) return
      this.page = page
      this.problem = ''
    } catch (error) {
      if (month !== this.#loadedMonth) return
      this.#isPartial = isRequestError(error, 'offline')
      if (this.#isPartial) this.page = messageDaysOf(this.hub.conversation(this.chatId).items.peek(), month)
      this.problem = this.#isPartial ? t('goToDate.offline') : errorMessage(error)
    }
  }

  async #choose(day: string): Promise<void> {
    // The user was quicker than the hub, or it was away.
    if (!this.page) await this.#load(this.#loadedMonth)
    const no = this.page && numberOnDay(this.page, day)
    if (no !== undefined) this.#open(no)
    else if (this.page) this.problem = t(this.#isPartial ? 'goToDate.offline' : 'goToDate.none')
  }

  get #lastNo(): number {
    return this.hub.chats.peek(this.chatId)?.lastNo ?? limits.page.messages
  }

  #open(no: number): void {
    openMessage(this, { chatId: this.chatId, no })
  }

  #close = (): void => {
    this.dispatchEvent(new CustomEvent('hb-close'))
  }
}

customElements.define('hb-go-to-date', HbGoToDate)

declare global {
  interface HTMLElementTagNameMap {
    'hb-go-to-date': HbGoToDate
  }
}
