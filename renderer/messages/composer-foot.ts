import { html, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { countBytes } from '../../shared/text/message.ts'
import { t } from '../text/t.ts'

/** The counter appears with the last kibibyte. Before that it would only distract. */
const counterThresholdBytes = limits.text - 1024

/** The bytes of a text that is long enough to be counted, otherwise 0. */
export function countedBytes(text: string): number {
  return text.length * 3 < counterThresholdBytes ? 0 : countBytes(text)
}

/**
 * The line below the field: what is wrong, and how much may still be typed. `attach`: makes a file of a text that is too long;
 * an edit has none.
 */
export function composerFoot(
  bytes: number,
  problem: string | undefined,
  attach: (() => void) | undefined,
): unknown {
  const over = bytes > limits.text
  return html`<div class="foot" id="problem">
    ${
      problem || over
        ? html`<p class="problem" role="alert">${over ? t('composer.tooLong') : problem}</p>`
        : nothing
    }
    ${
      over && attach
        ? html`<button type="button" class="attach-text" @click=${attach}>
            ${t('composer.attachText')}
          </button>`
        : nothing
    }
    ${
      bytes > counterThresholdBytes
        ? html`<p class="count ${over ? 'over' : ''}">
            ${
              over
                ? t('composer.over', { count: bytes - limits.text })
                : t('composer.left', { count: limits.text - bytes })
            }
          </p>`
        : nothing
    }
  </div>`
}
