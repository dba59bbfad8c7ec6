import { css, html, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import type { Hub } from '../state/hub.ts'
import '../status/hb-status.ts'
import { t } from '../text/t.ts'
import { relativeTime } from '../text/time.ts'

/** Everything the page shows next to the name of a user, in every list, header and card. Put it after the name. */
export function nameMarks(user: Pick<User, 'bot' | 'status'> | undefined): unknown {
  return html`${user?.bot ? html`<span class="bot-mark">${t('bot.mark')}</span>` : nothing}${
    user?.status ? html`<hb-status .status=${user.status}></hb-status>` : nothing
  }`
}

/** The line below the name of a user, in headers, lists and cards: `Active now · Out for lunch`. Watched. */
export function userLine(hub: Pick<Hub, 'presence' | 'users' | 'now'>, userId: string): unknown {
  const status = hub.users.get(userId)?.status
  return html`${presenceText(hub, userId)}${
    status ? html`<hb-status .status=${status} show="text"></hb-status>` : nothing
  }`
}

function presenceText(hub: Pick<Hub, 'presence' | 'now'>, userId: string): string {
  const state = hub.presence.of(userId)
  if (state !== 'offline') return t(`presence.${state}`)
  const seen = hub.presence.lastSeen(userId)
  return seen === undefined
    ? t('presence.offline')
    : t('presence.lastSeen', { ago: relativeTime(seen, hub.now()) })
}

/** An element that uses `nameMarks` adopts these. */
export const nameMarksStyles = css`
  .bot-mark {
    display: inline-block;
    flex: none;
    margin-inline-start: var(--name-mark-gap, var(--space-1));
    padding-inline: 5px;
    border-radius: 4px;
    /* an outline and no fill: its words are read on hovered and selected rows, too */
    box-shadow: inset 0 0 0 1px var(--color-border-control);
    color: var(--color-text-muted);
    font: var(--type-secondary);
    font-size: 0.6875rem;
    line-height: 1rem;
    vertical-align: 1px;
  }
`
