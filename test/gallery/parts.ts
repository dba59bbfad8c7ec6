// The scenes that need no app: each element of `renderer/ui/` in each of its states.
import { html } from 'lit'
import '../../renderer/accounts/hb-password-strength.ts'
import '../../renderer/accounts/hb-recovery-key.ts'
import '../../renderer/desktop/hb-fingerprint.ts'
import { renderProblem } from '../../renderer/ui/form.ts'
import '../../renderer/ui/hb-avatar.ts'
import '../../renderer/ui/hb-check.ts'
import '../../renderer/ui/hb-choice.ts'
import { confirm } from '../../renderer/ui/hb-confirm.ts'
import '../../renderer/ui/hb-dialog.ts'
import '../../renderer/ui/hb-empty-state.ts'
import '../../renderer/ui/hb-field.ts'
import '../../renderer/ui/hb-icon.ts'
import '../../renderer/ui/hb-logo.ts'
import '../../renderer/ui/hb-menu.ts'
import type { MenuGroup } from '../../renderer/ui/hb-menu.ts'
import '../../renderer/ui/hb-qr.ts'
import '../../renderer/ui/hb-secret.ts'
import '../../renderer/ui/hb-toasts.ts'
import { icons, type IconName } from '../../renderer/ui/icons.ts'
import { floatingParts } from './floating-parts.ts'
import { show } from './part.ts'
import { stateParts } from './state-parts.ts'

const kinds = ['button', 'button primary', 'button danger', 'button quiet', 'button small', 'link']
const iconNames = Object.keys(icons) as IconName[]

const buttons = html`
  ${['', 'disabled'].map(
    (state) =>
      html`<div class="row">
        ${kinds.map((kind) => html`<button class=${kind} ?disabled=${state !== ''}>${kind}</button>`)}
      </div>`,
  )}
  <div class="row">
    <button class="button primary"><hb-icon name="plus"></hb-icon>With an icon</button>
    <button class="button">
      A label that is so long that it has to break into several lines of its button
    </button>
  </div>
  <div class="row">
    ${(['close', 'more', 'search'] as const).map(
      (name) =>
        html`<button class="icon-button" aria-label=${name}><hb-icon name=${name}></hb-icon></button>`,
    )}
    <button class="icon-button" aria-label="disabled" disabled><hb-icon name="send"></hb-icon></button>
    <a class="link" href="#top">A link</a>
  </div>
`

const options = [
  { value: 'a', label: 'First' },
  { value: 'b', label: 'Second' },
]

const fields = html`
  <hb-field label="Empty" placeholder="Placeholder"></hb-field>
  <hb-field label="Filled in, with a hint" value="Kim Novak" hint="Shown to everyone."></hb-field>
  <hb-field label="With an error" value="kim" error="This username is taken."></hb-field>
  <hb-field label="Optional" optional></hb-field>
  <hb-field label="Password" type="password" value="secret"></hb-field>
  <hb-field label="Code" type="code" value="ABCD-EFGH"></hb-field>
  <hb-field label="Several lines" type="multiline" value="One&#10;Two"></hb-field>
  <hb-field label="Choice" type="select" value="b" .options=${options}></hb-field>
  <hb-field label="Disabled" value="Not now" disabled></hb-field>
  <form>
    <hb-field label="New password" name="password" type="password" value="kim novak 7"></hb-field>
    <hb-password-strength .names=${[]}></hb-password-strength>
  </form>
`

const choices = html`
  <hb-check label="Not chosen" name="a"></hb-check>
  <hb-check label="Chosen, with a hint" hint="It takes effect at once." name="b" checked></hb-check>
  <hb-choice label="One of several" name="c" value="b" .choices=${options}></hb-choice>
  <hb-choice label="In a line" name="d" value="a" inline .choices=${options}></hb-choice>
  ${renderProblem('A problem that belongs to no field.')}
`

const marks = html`
  <div class="row"><hb-logo></hb-logo></div>
  <div class="row">
    ${['Ann Becker', 'Bo Lindqvist', 'Chidi Okafor', 'Zoë O’Neill', 'Max', 'Kim Novak'].map(
      (name, at) => html`<hb-avatar .userId=${`u-${at}`} .name=${name} kind="user"></hb-avatar>`,
    )}
    ${(['active', 'idle', 'offline'] as const).map(
      (presence) =>
        html`<hb-avatar user-id="u-1" name="Bo Lindqvist" kind="user" .presence=${presence}></hb-avatar>`,
    )}
    <hb-avatar user-id="g-1" name="Kitchen" kind="group"></hb-avatar>
    <hb-avatar user-id="g-2" name="Board" kind="private"></hb-avatar>
    <hb-avatar style="--avatar-size: 4rem" user-id="u-3" name="Zoë O’Neill" kind="user"></hb-avatar>
  </div>
  <div class="row">
    <kbd>Ctrl</kbd><kbd>K</kbd><span class="pill">3</span><span class="pill called">12</span>
  </div>
  <div class="row">${iconNames.map((name) => html`<hb-icon .name=${name}></hb-icon>`)}</div>
`

const emptyStates = html`${(['chat', 'people', 'search', 'offline', 'lost'] as const).map(
  (drawing) =>
    html`<hb-empty-state small .drawing=${drawing} .text=${`Nothing here yet: ${drawing}`}></hb-empty-state>`,
)}`

const secrets = html`
  <hb-secret
    label="Token"
    note="It is shown once."
    action="Copy"
    .value=${'hbt_0123456789abcdef'}
  ></hb-secret>
  <hb-fingerprint .hubId=${'A'.repeat(43)}></hb-fingerprint>
  <p class="link-box">https://hub.example/join#0123456789abcdef</p>
  <hb-qr text="https://hub.example/join#0123456789abcdef" label="The link as a picture"></hb-qr>
`

const menuGroups: readonly MenuGroup[] = [
  [
    { label: 'Reply', icon: 'reply', note: 'R', run: () => undefined },
    { label: 'Not now', icon: 'edit', disabled: true, run: () => undefined },
  ],
  [
    { label: 'Chosen', checked: true, run: () => undefined },
    { label: 'Not chosen', checked: false, run: () => undefined },
    {
      label: 'Notifications',
      icon: 'bell',
      submenu: () => [[{ label: 'All messages', run: () => undefined }]],
    },
  ],
  [{ label: 'Delete', icon: 'trash', danger: true, run: () => undefined }],
]

async function showMenu(): Promise<HTMLElement[]> {
  await show(
    html`<hb-menu label="Actions" align="start" .groups=${menuGroups}>
      <button slot="trigger" class="button">Actions</button>
    </hb-menu>`,
  )
  const part = document.querySelector('gallery-part')?.shadowRoot
  part?.querySelector('button')?.click()
  const menu = part?.querySelector('hb-menu')
  while (!menu?.shadowRoot?.querySelector(':popover-open [role^=menuitem]'))
    await new Promise((done) => requestAnimationFrame(done))
  return [...menu.shadowRoot.querySelectorAll<HTMLElement>('[role^=menuitem]')]
}

const paragraphs = Array.from(
  { length: 12 },
  (_, at) => html`<p>Paragraph ${at + 1} of a body that scrolls.</p>`,
)

function showDialog(content: unknown): Promise<void> {
  return show(
    html`<hb-dialog heading="A dialog">
      ${content}
      <button slot="actions" class="button">Cancel</button>
      <button slot="actions" class="button primary">Save</button>
    </hb-dialog>`,
  )
}

async function showToasts(): Promise<void> {
  await show(html`<hb-toasts></hb-toasts>`)
  const toasts = document.querySelector('gallery-part')?.shadowRoot?.querySelector('hb-toasts')
  toasts?.show({ text: 'Message deleted.', action: { label: 'Undo', run: () => undefined } })
  toasts?.show({ text: 'Can’t reach the hub.', tone: 'danger' })
}

/** By the id of the scene. */
export const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  buttons: () => show(buttons),
  fields: async () => {
    await show(fields)
    const form = document.querySelector('gallery-part')?.shadowRoot?.querySelector('form')
    form?.dispatchEvent(new Event('input', { bubbles: true }))
  },
  choices: () => show(choices),
  marks: () => show(marks),
  'empty-states': () => show(emptyStates),
  secrets: () => show(secrets),
  'recovery-key': () =>
    show(
      html`<hb-recovery-key
        .recoveryKey=${'ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345-6789'}
        .hubName=${'Test hub'}
        .username=${'kim'}
        .step=${2}
        .steps=${3}
      ></hb-recovery-key>`,
      true,
    ),
  menu: () => showMenu(),
  submenu: async () => (await showMenu()).find((item) => item.ariaHasPopup)?.click(),
  confirm: async () => {
    const question = {
      heading: 'Delete #Kitchen?',
      text: 'All messages go with it.',
      action: 'Delete #Kitchen',
    }
    void confirm({ ...question, danger: true, run: () => Promise.resolve() })
  },
  dialog: () =>
    showDialog(
      html`<p>One sentence, and a field.</p>
        <hb-field label="Name"></hb-field>`,
    ),
  'dialog-long': () => showDialog(paragraphs),
  toasts: showToasts,
  ...stateParts,
  ...floatingParts,
}
