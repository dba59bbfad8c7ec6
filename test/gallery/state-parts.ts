// Scenes of elements in the states that only a pointer, the keyboard or a hub brings.
import { html } from 'lit'
import '../../renderer/accounts/hb-invite-step.ts'
import '../../renderer/files/hb-attachment-tray.ts'
import '../../renderer/files/hb-upload.ts'
import '../../renderer/settings/hb-appearance-preview.ts'
import { signal } from '../../renderer/signals/signal.ts'
import type { Hub } from '../../renderer/state/hub.ts'
import type { Upload, UploadState } from '../../renderer/state/upload.ts'
import type { Uploads } from '../../renderer/state/uploads.ts'
import { accents } from '../../renderer/styles/appearance.ts'
import { t } from '../../renderer/text/t.ts'
import { partRoot, show } from './part.ts'

const states = ['hover', 'focus'] as const
const kinds = ['button', 'button primary', 'button danger', 'button quiet', 'button small', 'link']
const options = [
  { value: 'a', label: 'First' },
  { value: 'b', label: 'Second' },
]

const pointedAt = html`${states.map(
  (state) => html`
    <div class="row">
      ${kinds.map((kind) => html`<button class="${kind} is-${state}">${state}</button>`)}
      <button class="icon-button is-${state}" aria-label=${state}><hb-icon name="search"></hb-icon></button>
    </div>
    <hb-field label="Field, ${state}" value="Kim" data-state=${state}></hb-field>
    <hb-field
      label="Choice, ${state}"
      type="select"
      value="b"
      .options=${options}
      data-state=${state}
    ></hb-field>
    <hb-check label="Box, ${state}" name=${state} data-state=${state}></hb-check>
    <hb-choice
      label="One of several, ${state}"
      name="choice-${state}"
      value="a"
      inline
      .choices=${options}
      data-state=${state}
    ></hb-choice>
  `,
)}`

/** A picture has one pointer and one focus: the rules of `:hover` and of the focus apply by a class as well. */
function applyStatesByClass(root: ShadowRoot): void {
  const byClass = new CSSStyleSheet()
  for (const sheet of [...root.adoptedStyleSheets]) {
    for (const { cssText } of sheet.cssRules) {
      if (!/:(hover|focus)/.test(cssText)) continue
      const rule = cssText
        .replaceAll(':hover', '.is-hover')
        .replaceAll(':focus-within', ':has(.is-focus)')
        .replace(/:focus(-visible)?/g, '.is-focus')
      byClass.insertRule(rule, byClass.cssRules.length)
    }
  }
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, byClass]
  for (const element of root.querySelectorAll<HTMLElement>('*')) {
    if (element.shadowRoot) applyStatesByClass(element.shadowRoot)
    const { state } = element.dataset
    if (state === undefined) continue
    const control = (element.shadowRoot ?? element).querySelector('input, select, textarea')
    control?.classList.add(`is-${state}`)
  }
}

const uploads: readonly Upload[] = (
  ['waiting', 'sending', 'done', 'failed', 'missing'] satisfies UploadState[]
).map((state, order) => ({
  ...{ id: state, chatId: 'c', cid: undefined, order, name: `${state}-of-the-minutes.pdf`, lastModified: 0 },
  ...{ type: 'application/pdf', size: 4_820_000, width: undefined, height: undefined, duration: undefined },
  ...{ fileId: undefined, sent: state === 'sending' ? 2_900_000 : 0, state },
  reason: state === 'failed' ? 'The hub has no space left.' : undefined,
}))
const uploadStore = { attachmentsOf: () => uploads, urlOf: () => undefined } as unknown as Uploads

const hub = {
  meta: signal({ name: 'Test hub', registration: 'open' }),
} as unknown as Hub

/** By the id of the scene. */
export const stateParts: Readonly<Record<string, () => Promise<unknown>>> = {
  'hover-and-focus': async () => {
    await show(pointedAt)
    applyStatesByClass(partRoot())
  },
  uploads: () =>
    show(html`
      <hb-attachment-tray .uploads=${uploadStore} chatId="c"></hb-attachment-tray>
      ${uploads.map((upload) => html`<p><hb-upload .upload=${upload}></hb-upload></p>`)}
    `),
  swatches: () =>
    show(html`
      <hb-choice
        label="Accent"
        name="accent"
        value="ocean"
        inline
        .choices=${accents.map((accent) => ({
          value: accent,
          label: t(`appearance.accent.${accent}`),
          swatch: `--swatch-${accent}`,
        }))}
      ></hb-choice>
      <hb-appearance-preview></hb-appearance-preview>
    `),
  'invite-step': () =>
    show(
      html`<hb-invite-step
        .hub=${hub}
        .code=${'ABCD'}
        .refusal=${'This invite was used up.'}
      ></hb-invite-step>`,
      true,
    ),
}
