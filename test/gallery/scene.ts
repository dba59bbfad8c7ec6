// One scene of the gallery, in its frame. `data-settled` on the root says that it will not change any more.
import { fixDate, stopLongTimers } from './fixed-time.ts'
import { html, render } from 'lit'
import '../../renderer/app/hb-app.ts'
import { loadModule } from '../../renderer/app/lazy-modules.ts'
import '../../renderer/text/shell-text.ts'
import { deepActiveElement } from '../../renderer/ui/focus.ts'
import { Router } from '../../renderer/navigation/router.ts'
import { Hub } from '../../renderer/state/hub.ts'
import { fill, found, press, replaceEmoji } from './acts.ts'
import { GalleryHub } from './gallery-hub.ts'
import { parts } from './parts.ts'
import { findScene, type Scene } from './scenes.ts'

const query = new URLSearchParams(location.search)
const scene = findScene(query.get('scene') ?? '')
const theme = query.get('theme')
const root = document.documentElement
root.dataset.theme = theme === 'dark' ? 'dark' : 'light'
root.dataset.contrast = theme === 'contrast' ? 'more' : 'normal'
root.dataset.accent = 'persimmon'
root.dataset.density = 'comfortable'
if (theme === 'rtl') root.dir = 'rtl'

stopLongTimers()
if (scene) void draw(scene)

async function draw(shown: Scene): Promise<void> {
  const gallery = new GalleryHub(shown.session, await freshCacheName(shown.id))
  fixDate(gallery.clock.now())
  if (shown.path === undefined) await drawPart(shown.id)
  else await drawApp(shown, gallery)
  await settle()
  // Which frame the browser gives the focus is chance.
  deepActiveElement()?.blur()
  await settle()
  const shell = document.querySelector('hb-app')?.shell
  if (shell && shown.typed !== undefined) {
    await write(shell, shown.typed)
    await settle()
  }
  if (shown.hasEmoji) replaceEmoji(document)
  root.dataset.settled = ''
}

/** The modules of the desktop app add a section to the settings, which no other scene has. */
async function drawPart(id: string): Promise<void> {
  const part = parts[id] ?? (await import('./desktop-parts.ts')).desktopParts[id]
  await part?.()
}

/** A scene starts without what an earlier visit has kept. */
async function freshCacheName(sceneId: string): Promise<string> {
  const prefix = `hubbub-gallery-${sceneId}-`
  for (const { name } of await indexedDB.databases())
    if (name?.startsWith(prefix)) indexedDB.deleteDatabase(name)
  return `gallery-${sceneId}-${crypto.randomUUID()}`
}

async function drawApp(scene: Scene, gallery: GalleryHub): Promise<void> {
  const hub = new Hub({ base: '', platform: gallery.platform(), origins: () => ['https://hub.example'] })
  const router = new Router()
  await Promise.all([loadModule('entry'), loadModule('shell')])
  render(html`<hb-app .hub=${hub} .router=${router}></hb-app>`, document.body)
  await hub.start()
  await settle()
  const app = document.querySelector('hb-app')
  const shell = app?.shell
  if (scene.session === 'offline') await found(() => app?.shadowRoot?.querySelector('hb-empty-state'))
  else if (shell) await act(scene, shell, gallery)
  for (const [label, value] of scene.fills ?? []) await fill(label, value)
  for (const name of scene.presses ?? []) await press(name)
}

/** What the user of the scene has done. */
async function act(scene: Scene, shell: HTMLElement, { hub }: GalleryHub): Promise<void> {
  const { panel, dialog, key, text, isViewer, isCutOff } = scene
  if (panel) dispatch(await found(() => timelineIn(shell)), 'hb-open-panel', panel)
  if (dialog) dispatch(shell, 'hb-open-dialog', dialog)
  if (key !== undefined) await pressOnMessage(shell, key)
  if (text !== undefined) await write(shell, text)
  if (isViewer) (await found(() => listIn(shell)?.querySelector<HTMLElement>('[data-action=view]'))).click()
  if (!isCutOff) return
  hub.isUp = false
  hub.disconnect(1006)
  await found(() =>
    shell.shadowRoot?.querySelector('hb-connection-banner')?.shadowRoot?.querySelector('.line'),
  )
}

function dispatch(target: Element, name: string, detail: object): void {
  target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}

function timelineIn(shell: HTMLElement): Element | null | undefined {
  return shell.shadowRoot?.querySelector('hb-conversation')?.shadowRoot?.querySelector('hb-timeline')
}

function listIn(shell: HTMLElement): ShadowRoot | null | undefined {
  return timelineIn(shell)?.shadowRoot?.querySelector('hb-message-list')?.shadowRoot
}

async function write(shell: HTMLElement, text: string): Promise<void> {
  const field = await found(() =>
    timelineIn(shell)?.shadowRoot?.querySelector('hb-composer')?.shadowRoot?.querySelector('textarea'),
  )
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

/** A key on the last message of the user, as the keyboard would send it. */
async function pressOnMessage(shell: HTMLElement, key: string): Promise<void> {
  const row = await found(() =>
    [...(listIn(shell)?.querySelectorAll('article') ?? [])].findLast((each) =>
      each.textContent.includes('early one'),
    ),
  )
  row.focus()
  row.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }))
}

/** Until nothing has changed for some frames: modules are loaded, elements drawn, pictures decoded. */
async function settle(): Promise<void> {
  await document.fonts.ready
  let before = ''
  for (let quiet = 0; quiet < 4;) {
    // to look at all elements costs more than a frame
    await frames(4)
    const now = snapshot(document)
    quiet = now === before ? quiet + 1 : 0
    before = now
  }
}

function snapshot(under: ParentNode): string {
  let text = ''
  for (const element of under.querySelectorAll('*')) {
    const { width, height } = element.getBoundingClientRect()
    text += `${element.localName}${width}x${height}`
    // the day at the top fades a second after the list was scrolled
    if (element.id === 'content')
      text += element.classList.contains('resting') ? 'resting' : performance.now()
    if (element instanceof HTMLImageElement) text += element.complete ? 'there' : 'loading'
    if (element.shadowRoot) text += snapshot(element.shadowRoot)
  }
  return text
}

async function frames(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((done) => requestAnimationFrame(done))
}
