import { css, html, nothing } from 'lit'
import type { User } from '../../shared/contract/users.ts'
import { t } from '../text/t.ts'

/** Everything the page shows next to the name of a user, in every list, header and card. Put it after the name. */
export function nameMarks(user: Pick<User, 'bot'> | undefined): unknown {
  return user?.bot ? html`<span class="bot-mark">${t('bot.mark')}</span>` : nothing
}

/** An element that uses `nameMarks` adopts these. */
export const nameMarksStyles = css`
  .bot-mark {
    display: inline-block;
    flex: none;
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
