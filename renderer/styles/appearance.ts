import { type ClockChoice, setClock } from '../text/time.ts'

/** How the page looks on this machine: stored in localStorage, since it belongs to the screen and not to the account. */
export const themes = ['system', 'light', 'dark'] as const
export const accents = ['persimmon', 'ocean', 'moss', 'plum', 'graphite'] as const
export const textSizes = ['medium', 'small', 'large', 'larger', 'largest'] as const
export const densities = ['comfortable', 'compact'] as const
export const clocks = ['system', '12', '24'] as const satisfies readonly ClockChoice[]

export const unreadMarks = ['count', 'dot', 'none'] as const

export interface Appearance {
  theme: (typeof themes)[number]
  accent: (typeof accents)[number]
  density: (typeof densities)[number]
  textSize: (typeof textSizes)[number]
  clock: ClockChoice
  /** `system` follows the wish for more contrast that the system tells. */
  contrast: 'system' | 'more'
  /** The mark that tab and icon show while something is unread. */
  unreadMark: (typeof unreadMarks)[number]
}

const storageKey = 'hubbub-appearance'
const moreContrastQuery = '(prefers-contrast: more)'
const darkQuery = '(prefers-color-scheme: dark)'

export function readAppearance(): Appearance {
  const stored = readStored()
  return {
    theme: validOrFirst(themes, stored.theme),
    accent: validOrFirst(accents, stored.accent),
    density: validOrFirst(densities, stored.density),
    textSize: validOrFirst(textSizes, stored.textSize),
    clock: validOrFirst(clocks, stored.clock),
    contrast: stored.contrast === 'more' ? 'more' : 'system',
    unreadMark: validOrFirst(unreadMarks, stored.unreadMark),
  }
}

export function updateAppearance(changes: Partial<Appearance>): Appearance {
  const appearance = { ...readAppearance(), ...changes }
  try {
    localStorage.setItem(storageKey, JSON.stringify(appearance))
  } catch {
    // A browser that keeps nothing still shows what was chosen until it is closed.
  }
  applyAppearance(appearance)
  return appearance
}

/** Once, at boot: shows what was chosen, follows the system and the other windows. */
export function watchAppearance(): void {
  applyAppearance(readAppearance())
  for (const query of [moreContrastQuery, darkQuery])
    matchMedia(query).addEventListener('change', () => applyAppearance(readAppearance()))
  addEventListener('storage', (event) => {
    if (event.key === storageKey) applyAppearance(readAppearance())
  })
}

function applyAppearance({ theme, accent, density, textSize, contrast, clock }: Appearance): void {
  setClock(clock)
  const { dataset } = document.documentElement
  dataset.theme = theme
  dataset.accent = accent
  dataset.density = density
  dataset.textSize = textSize
  dataset.contrast = contrast === 'more' || matchMedia(moreContrastQuery).matches ? 'more' : 'normal'
  // The bars around the page: index.html knows the choice of the system only.
  const { backgroundColor } = getComputedStyle(document.documentElement)
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
    meta.content = backgroundColor
}

function readStored(): Record<string, unknown> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}')
    return typeof stored === 'object' && stored !== null ? { ...stored } : {}
  } catch {
    return {}
  }
}

function validOrFirst<const T extends readonly [string, ...string[]]>(values: T, value: unknown): T[number] {
  return values.find((one) => one === value) ?? values[0]
}
