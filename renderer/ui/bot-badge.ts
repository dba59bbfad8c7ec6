import { css, html, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { t } from '../text/t.ts'

/** Shown next to the name of a bot. */
export function botBadge(user: Pick<User, 'bot'> | undefined): unknown {
  return user?.bot ? html`<span class="bot-mark">${t('bot.mark')}</span>` : nothing
}

export const botBadgeStyles = css`
  .bot-mark {
    display: inline-block;
    margin-inline-start: var(--space-1);
    padding-inline: 5px;
    border-radius: 4px;
    background: var(--color-button);
    color: var(--color-text-muted);
    font: var(--type-secondary);
    font-size: 11px;
    line-height: 16px;
    vertical-align: 1px;
  }
`
