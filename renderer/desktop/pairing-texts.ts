import { html } from 'lit'
import { t } from '../text/t.ts'
import './moves-text.ts'

/** A hub as its link calls it; the fingerprint is what counts. */
export function hubText(hubName: string): string {
  return hubName === '' ? t('follow.unnamedHub') : `“${hubName}”`
}

/** The fingerprint of this computer, which the owner of the hub compares. */
export function renderWords(words: readonly string[]) {
  return html`<p>${t('follow.words')}</p>
    <p class="words" translate="no">${words.join(' ')}</p>`
}
