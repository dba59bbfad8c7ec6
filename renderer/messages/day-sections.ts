import { html, nothing } from 'lit'
import { nowWatchingDay } from '../signals/current-day.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { dayTitle, daysBetween, longDay } from '../text/time.ts'
import { keyedList } from '../ui/keyed-list.ts'
import type { Destination } from './go-to.ts'
import { groupByDay } from './grouping.ts'

export interface DaySectionsOptions {
  /** The rows from `start` to before `end` are shown. */
  start: number
  end: number
  /** The time of what comes before all messages: that day has no divider. */
  startedAt: number | undefined
}

/** A section for each day, so that its divider can stick to the top for as long as the day lasts. */
export function daySections(
  items: readonly MessageItem[],
  { start, end, startedAt }: DaySectionsOptions,
  renderRow: (index: number) => unknown,
): unknown {
  const now = nowWatchingDay()
  const hasDivider = (at: number): boolean => startedAt === undefined || daysBetween(at, startedAt) !== 0
  return keyedList(
    groupByDay(items, start, end, now),
    (day) => day.key,
    (day) => html`
      <section class="day">
        ${
          hasDivider(day.at)
            ? html`<h3>
                <button
                  tabindex="-1"
                  aria-haspopup="dialog"
                  data-tip=${t('goToDate.title')}
                  data-date=${longDay(day.at)}
                  @click=${(event: Event) => openCalendar(event, day.at)}
                >
                  ${dayTitle(day.at, now)}
                </button>
              </h3>`
            : nothing
        }
        ${keyedList(day.indexes, (index) => (items[index] as MessageItem).key, renderRow)}
      </section>
    `,
  )
}

/** A press on the day over its messages opens a calendar. By keyboard a letter does, on any message (`row-focus.ts`). */
function openCalendar({ currentTarget }: Event, at: number): void {
  const detail: Destination = { to: 'date', at }
  currentTarget?.dispatchEvent(new CustomEvent('hb-go', { detail, bubbles: true, composed: true }))
}
