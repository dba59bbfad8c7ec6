import { html, nothing } from 'lit'
import type { HbField } from './hb-field.ts'
import './hb-icon.ts'
import { isComposing } from './keys.ts'

/** A problem that belongs to no field. */
export function renderProblem(problem: string) {
  return problem
    ? html`<p class="problem" role="alert"><hb-icon name="alert"></hb-icon><span>${problem}</span></p>`
    : nothing
}

/** Esc in a form within a page closes the form, and only then the page. */
export function closeFormByEscape(event: KeyboardEvent, close: () => void): void {
  if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return
  event.preventDefault()
  event.stopPropagation()
  close()
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

/** What the user has changed in a form. Only that is sent: another user may have changed the rest since the form opened. */
export function changedValues<T extends object>(shown: T, typed: T): Partial<T> {
  const entries = Object.entries(typed).filter(([name, value]) => value !== shown[name as keyof T])
  return Object.fromEntries(entries) as Partial<T>
}

/** The problems by the name of the field. Empty if all fields are valid. */
export type FieldProblems = Partial<Record<string, string>>

export function withoutEmpty(problems: Record<string, string | undefined>): FieldProblems {
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem))
}
