import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { hueCount, tones, type Shade } from '../../renderer/ui/hues.ts'
import { dealFaces, faceOf, groupLetter, initials } from '../../renderer/ui/initials.ts'

const tokens = readFileSync(path.resolve(import.meta.dirname, '../../renderer/styles/tokens.css'), 'utf8')
const hues = Array.from({ length: hueCount }, (_, n) =>
  Number(new RegExp(`--user-${n}: (\\d+);`).exec(tokens)?.[1]),
)

/** Relative luminance of an oklch colour, clipped to what a screen can show (CSS Color 4). */
function luminance([lightness, chroma]: Shade, hue: number): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const [l, m, s] = [
    (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ] as const
  const [red, green, blue] = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((channel) => Math.min(1, Math.max(0, channel))) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: Shade, other: Shade, hue: number): number {
  const [light, dark] = [luminance(one, hue), luminance(other, hue)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

test('the letters of a face have a contrast of 4.5:1 or better in every hue and tone, light and dark', () => {
  for (const hue of hues)
    for (const [index, { light, dark }] of tones.entries())
      for (const [ground, letters] of [light, dark])
        expect(contrast(ground, letters, hue), `tone ${index}, hue ${hue}`).toBeGreaterThanOrEqual(4.5)
})

test('users have different faces in the order of joining: ten hues first, then other tones of them', () => {
  const faces = (count: number) => new Set(Array.from({ length: count }, (_, no) => faceOf('', no)))
  const huesOf = (count: number) =>
    new Set(Array.from({ length: count }, (_, no) => faceOf('', no).split(' ')[0]))
  expect(huesOf(10).size).toBe(10)
  expect(faces(12).size).toBe(12)
  expect(faces(30).size).toBe(30)
  // Neighbours are never alike.
  for (let no = 1; no < 60; no += 1) {
    const distance = Math.abs(
      Number(/\d/.exec(faceOf('', no))?.[0]) - Number(/\d/.exec(faceOf('', no - 1))?.[0]),
    )
    expect(Math.min(distance, hueCount - distance)).toBeGreaterThanOrEqual(3)
  }
})

const groupIds = (count: number, prefix = 'g') => Array.from({ length: count }, (_, no) => `${prefix}-${no}`)

test.each(['g', 'group', '0Qx', ''])(
  'dealt groups have ten hues first, then other tones: ids with %j',
  (prefix) => {
    const dealt = dealFaces(groupIds(30, prefix))
    const facesOf = (count: number) => groupIds(count, prefix).map((id) => faceOf(id, dealt.get(id)))
    expect(new Set(facesOf(10).map((face) => face.split(' ')[0])).size).toBe(10)
    expect(new Set(facesOf(30)).size).toBe(30)
  },
)

test('a dealt group keeps its face when others are added behind it', () => {
  const before = dealFaces(groupIds(7))
  const after = dealFaces([...groupIds(7), ...groupIds(20, 'later')])
  for (const [id, face] of before) expect(after.get(id)).toBe(face)
  expect(dealFaces([])).toEqual(new Map())
})

describe('the picture of a group is the first letter or emoji of its name', () => {
  test.each([
    ['website', 'W'],
    ['#kitchen', 'K'],
    ['📣 News', '📣'],
    ['👩‍🚀 crew', '👩‍🚀'],
    ['🇩🇪 Berlin', '🇩🇪'],
    ['造船チーム', '造'],
    ['(old) yard', 'O'],
    ['ёлка', 'Ё'],
    ['ß', 'SS'],
    ['42', '4'],
    ['???', '?'],
    ['', ''],
  ])('%s: %s', (name, letter) => {
    expect(groupLetter(name)).toBe(letter)
  })
})

test('the initials of a user are of their first and last name', () => {
  expect(['Ann Becker', 'kim', '田中 さくら', 'Jonas Müller-Lüdenscheidt', ''].map(initials)).toEqual([
    ...['AB', 'K', '田', 'JL', '?'],
  ])
})
