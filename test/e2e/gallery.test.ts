// The gallery (test/gallery/): every element in every state against stored pictures, and axe over all of it.
//
// Pictures of another Chromium or another font renderer differ everywhere. So a calibration picture comes first, which
// nothing in the app changes. If it differs, the pictures say nothing, and the geometry is held instead.
// `npm run gallery -- --update` stores what is drawn now.
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { compareGeometry, measure, readGeometry, storeGeometry, type Geometry } from '../gallery/geometry.ts'
import { comparePicture, storePicture } from '../gallery/pictures.ts'
import { findScene, groups, groupsIn, groupsOfAll, themes, type Theme } from '../gallery/scenes.ts'
import { serveGallery, type ServedGallery } from '../gallery/serve.ts'

/** Each scene is an app of its own, and axe reads all of them in four themes. */
vi.setConfig({ testTimeout: 300_000 })
const isUpdate = process.env.HUBBUB_GALLERY === 'update'
/** `HUBBUB_LOOKS=all` compares the pictures of every theme and direction; without it those of the light one. */
const comparesAll = isUpdate || process.env['HUBBUB_LOOKS'] === 'all'
/** The width of all pictures; the height is that of the content. */
const widthPx = 1320

let gallery: ServedGallery
let browser: Browser
let context: BrowserContext
let storedGeometry: Geometry
let arePicturesComparable = true
const newGeometry: Geometry = new Map()

beforeAll(async () => {
  gallery = await serveGallery()
  browser = await launchBrowser()
  context = await browser.newContext({
    ...{
      viewport: { width: widthPx, height: 800 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    },
  })
  storedGeometry = await readGeometry()
  await calibrate()
})

afterAll(async () => {
  await browser?.close()
  await gallery?.close()
  if (isUpdate) await storeGeometry(new Map([...storedGeometry, ...newGeometry]))
})

async function calibrate(): Promise<void> {
  const page = await context.newPage()
  await page.goto(`${gallery.address}/calibration.html`)
  await page.evaluate(() => document.fonts.ready)
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await page.close()
  if (isUpdate) return storePicture('calibration', picture)
  const { isSame, differentPixels } = await comparePicture('calibration', picture)
  arePicturesComparable = isSame
  if (isSame) return
  process.stderr.write(
    `The pictures of this renderer (Chromium ${browser.version()}) are not comparable with the stored ones: ` +
      `${differentPixels ?? 'all'} pixels of the calibration differ. The geometry of the gallery is held instead.\n`,
  )
}

interface OpenGroup {
  page: Page
  /** By the id of the scene. */
  frames: ReadonlyMap<string, Frame>
}

async function openGroup(group: string, theme: Theme): Promise<OpenGroup> {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(`${gallery.address}/?group=${group}&theme=${theme}&bare`)
  // What is far outside of the window is not drawn: `content-visibility`.
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width: widthPx, height })
  const frames = new Map<string, Frame>()
  for (const { id } of groups[group] ?? []) {
    const frame = await (await page.waitForSelector(`iframe[title="${id}"]`)).contentFrame()
    if (!frame) throw new Error(`no frame for ${id}`)
    await frame.waitForSelector('html[data-settled]', { state: 'attached' })
    for (const unknown of await frame.getByText('the fake hub does not know').allTextContents()) {
      errors.push(`${id}: ${unknown.trim()}`)
    }
    frames.set(id, frame)
  }
  expect(errors, `errors in the scenes of ${group}`).toEqual([])
  return { page, frames }
}

/** The direction is chosen when a page opens, colours can follow. */
async function setTheme({ page, frames }: OpenGroup, theme: Theme): Promise<void> {
  await page.emulateMedia({ forcedColors: theme === 'forced' ? 'active' : 'none', reducedMotion: 'reduce' })
  const applied = [page.mainFrame(), ...frames.values()].map((frame) =>
    frame.evaluate(async (chosen) => {
      const { dataset } = document.documentElement
      dataset.theme = chosen === 'dark' ? 'dark' : 'light'
      dataset.contrast = chosen === 'contrast' ? 'more' : 'normal'
      for (let frameNo = 0; frameNo < 2; frameNo += 1) await new Promise(requestAnimationFrame)
    }, theme),
  )
  await Promise.all(applied)
}

async function checkPicture({ page }: OpenGroup, name: string): Promise<string[]> {
  if (!arePicturesComparable) return []
  const picture = await page.locator('main').screenshot({ animations: 'disabled', caret: 'hide' })
  if (isUpdate) {
    await storePicture(name, picture)
    return []
  }
  const { isSame, differentPixels, files } = await comparePicture(name, picture)
  const words = differentPixels === undefined ? 'another size' : `${differentPixels} pixels differ`
  return isSame ? [] : [`${name}: ${words}. See ${files}; if it is meant: npm run gallery -- --update`]
}

async function checkGeometry({ frames }: OpenGroup, theme: Theme): Promise<string[]> {
  const problems: string[] = []
  for (const [id, frame] of frames) {
    const name = `${id} ${theme}`
    const now = await measure(frame)
    newGeometry.set(name, now)
    if (isUpdate) continue
    problems.push(...compareGeometry(storedGeometry.get(name), now).map((each) => `${name}: ${each}`))
  }
  return problems
}

const coloured = themes.filter((theme) => theme === 'light' || (comparesAll && theme !== 'rtl'))

for (const group of Object.keys(groups).filter((each) => comparesAll || !groupsOfAll.has(each))) {
  test(`the scenes of ${group} look as stored, and are accessible`, async () => {
    const open = await openGroup(group, 'light')
    const looks = await checkGeometry(open, 'light')
    const accessibility: string[] = []
    for (const theme of coloured) {
      await setTheme(open, theme)
      // the others have nothing that contrast or forced colours change; e2e/accessibility reads the real pages
      if (!groupsIn(theme).includes(group)) continue
      looks.push(...(await checkPicture(open, `${group}-${theme}`)))
      // e2e/accessibility reads the colours of the real pages
      if (theme === 'light' || groupsIn('forced').includes(group))
        accessibility.push(...(await checkAccessibility(open, theme)))
    }
    await open.page.close()
    if (comparesAll && groupsIn('rtl').includes(group)) {
      const mirrored = await openGroup(group, 'rtl')
      looks.push(...(await checkGeometry(mirrored, 'rtl')), ...(await checkPicture(mirrored, `${group}-rtl`)))
      await mirrored.page.close()
    }
    expect({ looks, accessibility }).toEqual({ looks: [], accessibility: [] })
  })
}

/** All rules in one theme; in the others what colours can break. */
async function checkAccessibility({ frames }: OpenGroup, theme: Theme): Promise<string[]> {
  if (isUpdate) return []
  const problems: string[] = []
  for (const [id, frame] of frames) {
    const scene = findScene(id)
    if (scene?.sameAs !== undefined) continue
    const found = await accessibilityProblems(frame, theme === 'light' ? 'all' : 'colours')
    const rule = scene?.exemptRule
    const counted = found.filter((each) => rule === undefined || !each.startsWith(`${rule}:`))
    problems.push(...counted.map((each) => `${id} ${theme}: ${each}`))
  }
  return problems
}
