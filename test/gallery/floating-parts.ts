// Scenes of what floats over the page: the tooltip, the pickers, the dialog that crops a picture.
import { html, render } from 'lit'
import '../../renderer/emoji/hb-emoji-picker.ts'
import { HbQuickReactions } from '../../renderer/reactions/hb-quick-reactions.ts'
import '../../renderer/ui/hb-crop.ts'
import '../../renderer/ui/hb-tip.ts'
import { replaceEmoji } from './acts.ts'
import { drawn, partRoot, show } from './part.ts'

async function showTip(): Promise<void> {
  await show(
    html`<div class="row" style="padding: 48px 96px">
      <button class="button" data-tip="What it does" data-tip-key="Ctrl+F">A button with a tooltip</button>
    </div>`,
  )
  const tip = document.createElement('hb-tip')
  document.body.append(tip)
  const button = partRoot().querySelector('button')
  const { x = 0, y = 0 } = button?.getBoundingClientRect() ?? {}
  const at = { clientX: x + 20, clientY: y + 8, bubbles: true, composed: true }
  button?.dispatchEvent(new PointerEvent('pointermove', at))
  await drawn(() => document.querySelector('hb-tip:popover-open'))
}

async function showEmojiPicker(query = ''): Promise<void> {
  await show(html``)
  const picker = document.createElement('hb-emoji-picker')
  picker.popover = 'auto'
  picker.role = 'dialog'
  picker.ariaLabel = 'Emoji'
  document.body.append(picker)
  picker.showPopover()
  Object.assign(picker.style, { inset: '16px auto auto 16px' })
  const { renderRoot } = picker
  await drawn(() => renderRoot.querySelector('[role=gridcell], [role=option], .emoji'))
  if (query !== '') {
    const field = renderRoot.querySelector('input') as HTMLInputElement
    field.value = query
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await picker.updateComplete
  }
  replaceEmoji(renderRoot)
}

async function showCrop(): Promise<void> {
  const canvas = new OffscreenCanvas(640, 400)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  for (const [color, x, y, width, height] of [
    ['#c8b8a4', 0, 0, 640, 400],
    ['#6d7f71', 80, 200, 480, 200],
    ['#f3ead9', 400, 40, 120, 120],
  ] as const) {
    context.fillStyle = color
    context.fillRect(x, y, width, height)
  }
  const file = new File([await canvas.convertToBlob()], 'harbour.png', { type: 'image/png' })
  render(
    html`<main>
      <h1>Part</h1>
      <hb-crop round .heading=${'Your picture'} .file=${file}></hb-crop>
    </main>`,
    document.body,
  )
  await drawn(() => document.querySelector('hb-crop')?.shadowRoot?.querySelector('canvas'))
}

/** By the id of the scene. */
export const floatingParts: Readonly<Record<string, () => Promise<unknown>>> = {
  tooltip: showTip,
  'emoji-picker': () => showEmojiPicker(),
  'emoji-found': () => showEmojiPicker('boat'),
  'quick-reactions': async () => {
    await show(html`<p class="link-box" style="margin-block-start: 64px">A message</p>`)
    const reactions = new HbQuickReactions()
    reactions.emojis = ['↑', '↓', '→', '←', '↔', '↕']
    void reactions.pick(partRoot().querySelector('p') as HTMLElement)
    await drawn(() => document.querySelector('hb-quick-reactions:popover-open'))
  },
  crop: showCrop,
}
