import { hueCount, tones } from './hues.ts'

const graphemeSegmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** Scripts in which two initials are customary. Names in others are shown by their first character. */
const initialsPattern = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Nd}]/u

/** By name: a list of messages has the same few faces a hundred times. */
const knownInitials = new Map<string, string>()
const maxKnown = 1000

/** `Ann Becker` is AB, `kim` is K, `田中 さくら` is 田. */
export function initials(name: string): string {
  let known = knownInitials.get(name)
  if (known !== undefined) return known
  if (knownInitials.size >= maxKnown) knownInitials.clear()
  known = initialsOf(name)
  knownInitials.set(name, known)
  return known
}

function initialsOf(name: string): string {
  const words = name
    .split(/[\s._-]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]+/u, ''))
    .filter(Boolean)
  const first = words[0]
  if (first === undefined) return firstGrapheme(name.trim()) || '?'
  const last = words.length > 1 ? words.at(-1) : undefined
  if (last === undefined || !initialsPattern.test(first) || !initialsPattern.test(last))
    return firstGrapheme(first)
  return firstGrapheme(first) + firstGrapheme(last)
}

/** The first letter or emoji of the name of a group; '' without a name. */
export function groupLetter(name: string): string {
  const bare = name.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}\p{RI}]+/u, '')
  return firstGrapheme(bare || name.trim())
}

function firstGrapheme(word: string): string {
  for (const { segment } of graphemeSegmenter.segment(word)) return segment.toLocaleUpperCase()
  return ''
}

/**
 * The classes of a face (`hueStyles`), the same on every device. Users who joined one after another get hues far apart:
 * the first ten have ten hues, the first thirty one of three tones each. Groups and hubs are dealt (`dealFaces`). Without a
 * number the hue is of the id.
 */
export function faceOf(id: string, joined?: number): string {
  if (joined === undefined) return `hue-${hueOf(id)} tone-0`
  return `hue-${(joined * 3) % hueCount} tone-${Math.floor(joined / hueCount) % tones.length}`
}

/**
 * Numbers for `faceOf` by id, so that ids in one list have different faces: the hue of the id if it is free, else the
 * next one, and another tone once all hues are taken. An id keeps its number when others are added behind it.
 */
export function dealFaces(ids: readonly string[]): Map<string, number> {
  const counts = Array.from({ length: hueCount }, () => 0)
  const faces = new Map<string, number>()
  for (const id of ids) {
    const fewest = Math.min(...counts)
    let slot = hueOf(id)
    while (counts[slot] !== fewest) slot = (slot + 1) % hueCount
    faces.set(id, slot + hueCount * fewest)
    counts[slot] = fewest + 1
  }
  return faces
}

function hueOf(id: string): number {
  let hash = 2166136261
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619)
  // Ids that differ only at their end must not all get neighbouring hues.
  hash ^= hash >>> 15
  return (Math.imul(hash, 2246822519) >>> 8) % hueCount
}
