// Where the elements of a scene are: what is held where another renderer draws the pictures differently.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Frame } from 'playwright-core'
import { findScene } from './scenes.ts'

const file = fileURLToPath(new URL('pictures/geometry.txt', import.meta.url))
const maxDifferencePx = 1

/** By the name of the scene: one line for each element, `hb-icon 12 8 16 16`. */
export type Geometry = Map<string, readonly string[]>

/** Scenes that no longer exist are left out. */
export async function storeGeometry(geometry: Geometry): Promise<void> {
  const known = [...geometry].filter(([name]) => findScene(name.split(' ')[0] ?? ''))
  const scenes = known.map(([name, lines]) => [`# ${name}`, ...lines].join('\n'))
  await writeFile(file, `${scenes.join('\n')}\n`)
}

export async function readGeometry(): Promise<Geometry> {
  const geometry: Geometry = new Map()
  if (!existsSync(file)) return geometry
  for (const block of (await readFile(file, 'utf8')).trim().split(/^# /m).slice(1)) {
    const [name = '', ...lines] = block.trim().split('\n')
    geometry.set(name, lines)
  }
  return geometry
}

/** What is elsewhere now, in words; empty if nothing is. */
export function compareGeometry(before: readonly string[] | undefined, now: readonly string[]): string[] {
  if (!before) return ['no geometry is stored']
  if (before.length !== now.length) return [`${now.length} elements, ${before.length} before`]
  return now.flatMap((line, at) => (isSamePlace(before[at] ?? '', line) ? [] : [`${before[at]} → ${line}`]))
}

function isSamePlace(before: string, now: string): boolean {
  const [nameBefore, ...boxBefore] = before.split(' ')
  const [name, ...box] = now.split(' ')
  return (
    name === nameBefore &&
    box.every((value, at) => Math.abs(Number(value) - Number(boxBefore[at])) <= maxDifferencePx)
  )
}

/** The elements of the app and the controls in a scene that take up space, through all shadow trees. */
export function measure(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const lines: string[] = []
    const controls = 'button, a, input, textarea, select, img, article, li, h1, h2, h3, dialog, [role]'
    const collect = (under: ParentNode): void => {
      for (const element of under.querySelectorAll('*')) {
        const { x, y, width, height } = element.getBoundingClientRect()
        const isMeasured = element.localName.startsWith('hb-') || element.matches(controls)
        if (isMeasured && width > 0 && height > 0 && element.checkVisibility())
          lines.push([element.localName, ...[x, y, width, height].map(Math.round)].join(' '))
        if (element.shadowRoot) collect(element.shadowRoot)
      }
    }
    collect(document)
    return lines
  })
}
