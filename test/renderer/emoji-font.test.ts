import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { EmojiSet } from '../../renderer/emoji/emoji.ts'
import { emojiFontFaces } from '../../scripts/emoji-font.ts'
import { emojiTable } from '../../scripts/emoji-table.ts'

const source = createRequire(import.meta.url).resolve('@infolektuell/noto-color-emoji/index.css')
const bundled = emojiFontFaces(readFileSync(source, 'utf8'))
const base = readFileSync(new URL('../../renderer/styles/base.css', import.meta.url), 'utf8')

function rangesOf(css: string): [number, number][] {
  return [...css.matchAll(/U\+([\da-f]+)(?:-([\da-f]+))?/gi)].map(([, first = '', last = first]) => [
    parseInt(first, 16),
    parseInt(last, 16),
  ])
}

const covers = (ranges: [number, number][], point: number): boolean =>
  ranges.some(([first, last]) => point >= first && point <= last)

test('both fonts have every emoji of the picker that is one without a selector', () => {
  const emoji = new EmojiSet(emojiTable('en')).all
    .map((each) => each.emoji)
    .filter((text) => /^\p{Emoji_Presentation}/u.test(text))
  expect(emoji.length).toBeGreaterThan(1500)
  const lacking = (ranges: [number, number][]) =>
    emoji.filter((text) => !covers(ranges, text.codePointAt(0) ?? 0))
  expect(lacking(rangesOf(base))).toEqual([])
  // The bundled font is of Unicode 15.1: those that are newer are few.
  expect(lacking(rangesOf(bundled)).length).toBeLessThan(20)
})

test('arrows and other signs of texts are in neither font, and digits not in that of the system', () => {
  for (const sign of ['↔', '↩', '‼', 'ℹ', '▶', '⬅', '〰', '㊗']) {
    expect(covers(rangesOf(base), sign.codePointAt(0) ?? 0)).toBe(false)
    expect(covers(rangesOf(bundled), sign.codePointAt(0) ?? 0)).toBe(false)
  }
  for (const sign of ['1', '#', '©']) expect(covers(rangesOf(base), sign.codePointAt(0) ?? 0)).toBe(false)
})

test('the bundled faces have the name of those of the system', () => {
  expect(bundled.match(/'Hubbub Emoji'/g)?.length).toBe(11)
  expect(bundled).not.toContain("'Noto Color Emoji'")
})
