import { html, nothing } from 'lit'
import { t } from '../text/t.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import './hb-password-strength.ts'
import type { HbField } from '../ui/hb-field.ts'
import type { FieldProblems, AccountDetails } from './account-checks.ts'

/** A problem that belongs to no field. */
export function renderProblem(problem: string) {
  return problem
    ? html`<p class="problem" role="alert"><hb-icon name="alert"></hb-icon><span>${problem}</span></p>`
    : nothing
}

/** If the browser may have warned about the hub's own certificate: explains that, and shows the words to compare. */
export function renderTrustLink() {
  if (window.hubbub || location.protocol !== 'https:') return nothing
  return html`<p class="below"><a class="link" href="/trust">${t('auth.trust')}</a></p>`
}

export function renderSteps(step: number, steps: number) {
  return html`<div class="steps">
    ${Array.from({ length: steps }, (_, i) => html`<i ?data-done=${i < step}></i>`)}
    <span>${t('register.steps', { step, steps })}</span>
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

/** The values of a form, autofilled or typed. Passwords keep every space. */
export function formValues(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value
  return values
}

/** After a failed attempt the first field with a problem gets the focus. */
export function focusFirstProblem(root: ParentNode): void {
  const fields = [...root.querySelectorAll<HbField>('hb-field')]
  fields.find((field) => field.error)?.focus()
}
