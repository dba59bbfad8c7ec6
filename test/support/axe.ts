import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Frame, Locator, Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What the system may ask of a page, for `page.emulateMedia`. */
export const looks = {
  light: { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' },
  dark: { colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'none' },
  'high contrast, light': { colorScheme: 'light', contrast: 'more', forcedColors: 'none' },
  'high contrast, dark': { colorScheme: 'dark', contrast: 'more', forcedColors: 'none' },
  'forced colours': { colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'active' },
} as const
type Look = keyof typeof looks
/** `HUBBUB_LOOKS=all` reads the screens in every look. */
const allLooks: readonly Look[] =
  process.env['HUBBUB_LOOKS'] === 'all' ? (Object.keys(looks) as Look[]) : ['light', 'dark', 'forced colours']

/** Of the data of the rule `color-contrast`. */
interface Contrast {
  fgColor?: string
  bgColor?: string
  contrastRatio?: number
}

/** The problems of each screen that has any, in each look. */
export class ScreenReport {
  readonly problems: Record<string, string[]> = {}

  /** Reads what is shown now in one look after the other. Names, roles and order are the same in all of them. */
  async add(page: Page, screen: string, isReady: Locator): Promise<void> {
    await isReady.first().waitFor()
    for (const look of allLooks) {
      await page.emulateMedia({ ...looks[look], reducedMotion: 'reduce' })
      // the colours of the look before are drawn until the next frame
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
      const found = await accessibilityProblems(page, look === 'light' ? 'all' : 'colours')
      if (found.length > 0) this.problems[`${screen}: ${look}`] = found
    }
    await page.emulateMedia(looks.light)
  }
}

/** The axe-core violations of the current page, one per line. Expect none. `colours`: only what a theme can change. */
export async function accessibilityProblems(
  page: Page | Frame,
  rules: 'all' | 'colours' = 'all',
): Promise<string[]> {
  // Runs over the debugger, because the page’s CSP blocks an injected script tag.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source)
  return page.evaluate(async (which) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document, {
      // off by default: targets of 24 × 24 pixels, or with room around them
      rules: which === 'all' ? { 'target-size': { enabled: true } } : {},
      runOnly:
        which === 'colours'
          ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
          : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, any }) => {
        // the colours and the ratio, so that a finding can be understood from the report
        const { fgColor, bgColor, contrastRatio } = (any[0]?.data ?? {}) as Contrast
        const colors = contrastRatio === undefined ? '' : `: ${fgColor} on ${bgColor} is ${contrastRatio}`
        return `${id}: ${help}: ${target.flat(9).join(' > ')}${colors}`
      }),
    )
  }, rules)
}
