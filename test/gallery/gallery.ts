// The page of the gallery: the scenes of one group, each in a frame of its own, so that dialogs and menus stay in it.
// `?group=elements&theme=dark`.
import { groups, themes } from './scenes.ts'

const query = new URLSearchParams(location.search)
const group = query.get('group') ?? Object.keys(groups)[0] ?? ''
const theme = query.get('theme') ?? 'light'

const root = document.documentElement
root.dataset.theme = theme === 'dark' ? 'dark' : 'light'
root.dataset.contrast = theme === 'contrast' ? 'more' : 'normal'
const main = document.querySelector('main') as HTMLElement
document.title = `Gallery: ${group}, ${theme}`
// The pictures are without it.
if (!query.has('bare')) main.append(links('group', Object.keys(groups)), links('theme', themes))
for (const scene of groups[group] ?? []) {
  const figure = document.createElement('figure')
  const caption = document.createElement('figcaption')
  caption.textContent = `${scene.id}, ${scene.width} × ${scene.height}`
  const frame = document.createElement('iframe')
  frame.title = scene.id
  frame.width = String(scene.width)
  frame.height = String(scene.height)
  frame.src = `${scene.path ?? '/part'}?scene=${scene.id}&theme=${theme}`
  figure.append(caption, frame)
  main.append(figure)
}

function links(name: string, values: readonly string[]): HTMLElement {
  const nav = document.createElement('nav')
  nav.ariaLabel = name
  for (const value of values) {
    const link = document.createElement('a')
    link.textContent = value
    const target = new URLSearchParams(query)
    target.set(name, value)
    link.href = `?${target.toString()}`
    nav.append(link)
  }
  return nav
}
