// Where a run of `*`, `_` or `~` can open or close emphasis.
import { unspacedScript } from './scripts.ts'

const letterPattern = /[\p{L}\p{M}]/u
const wordCharacter = /[\p{L}\p{M}\p{N}]/u
/** A mark after one of these characters is part of an emoticon, a path or a formula. */
const neverBeforeOpening = /[\\\-^;.=:@<>&%$#+/]/
const emphasizableCharacter = /[\p{L}\p{N}\p{Sc}\p{Extended_Pictographic}]/u

/** @param at the run of marks, which ends before `end` */
export function canOpen(text: string, at: number, end: number): boolean {
  const after = characterAt(text, end)
  const before = characterBefore(text, at)
  if (after === '' || /\s/u.test(after) || neverBeforeOpening.test(before)) return false
  // the arm of ¯\_(ツ)_/¯, or an index as in f(x)_i
  if (text[at] === '_' && /[)\]}]/.test(before)) return false
  return !wordCharacter.test(before) || unspacedScript.test(before) || isIntraword(text, at, end, before)
}

export function canClose(text: string, at: number, end: number): boolean {
  const before = characterBefore(text, at)
  const after = characterAt(text, end)
  if (before === '' || /\s/u.test(before)) return false
  return !wordCharacter.test(after) || unspacedScript.test(after) || isIntraword(text, at, end, after)
}

/** Not for an emoticon like *_*, or a name like __init__. */
export function isEmphasizable(inner: string, mark: string, length: number): boolean {
  return emphasizableCharacter.test(inner) && (mark !== '_' || length === 1 || /\s/.test(inner))
}

export function isMatchingLength(opener: number, closer: number): boolean {
  return opener === closer || opener === 3 || closer === 3
}

/** Two stars and two tildes are marks within a word too, but not between digits, where `**` is a power. */
function isIntraword(text: string, at: number, end: number, neighbour: string): boolean {
  return end - at === 2 && text[at] !== '_' && letterPattern.test(neighbour)
}

function characterAt(text: string, index: number): string {
  const code = text.codePointAt(index)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function characterBefore(text: string, index: number): string {
  if (index === 0) return ''
  const unit = text.charCodeAt(index - 1)
  return characterAt(text, unit >= 0xdc00 && unit <= 0xdfff && index > 1 ? index - 2 : index - 1)
}
