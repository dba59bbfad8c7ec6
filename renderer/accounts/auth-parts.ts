import { html, nothing } from 'lit'
import { t } from '../text/t.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import './hb-password-strength.ts'
import type { FieldProblems } from '../ui/form.ts'
import type { AccountDetails } from './account-checks.ts'

/** If the browser may have warned about the hub's own certificate: explains that, and shows the words to compare. */
export function renderTrustLink() {
  if (window.hubbub || location.protocol !== 'https:') return nothing
  return html`<p class="below"><a class="link" href="/trust">${t('auth.trust')}</a></p>`
}

export function renderSteps(step: number, steps: number) {
  return html`<div class="steps">
    ${Array.from({ length: steps }, (_, i) => html`<i ?data-done=${i < step} ?data-now=${i === step - 1}></i>`)}
    <span>${t('register.steps', { step, steps })}</span>
  </div>`
}

/** The way back, below the button of a step. */
export function renderBack(onBack: (event: Event) => void) {
  return html`<div class="aside">
    <button class="link" type="button" @click=${onBack}>${t('common.back')}</button>
  </div>`
}

export function renderAccountFields(details: AccountDetails, problems: FieldProblems, autofocus = true) {
  return html`
    <hb-field
      name="username"
      .label=${t('register.username')}
      .hint=${t('register.usernameHint')}
      .value=${details.username}
      .error=${problems.username ?? ''}
      type="code"
      autocomplete="username"
      ?autofocus=${autofocus}
    ></hb-field>
    <hb-field
      name="displayName"
      .label=${t('register.displayName')}
      .hint=${t('register.displayNameHint')}
      .value=${details.displayName}
      .error=${problems.displayName ?? ''}
      autocomplete="name"
      optional
    ></hb-field>
    <hb-field
      name="password"
      type="password"
      .label=${t('register.password')}
      .hint=${t('register.passwordHint')}
      .value=${details.password}
      .error=${problems.password ?? ''}
      autocomplete="new-password"
    ></hb-field>
    <hb-password-strength></hb-password-strength>
  `
}
