// All emoji, found by name. The table is a separate chunk, fetched when the user first needs it.

import { findShortcodes } from './shortcodes.ts'

export { hasShortcode } from './shortcodes.ts'

export interface Emoji {
  readonly emoji: string
  readonly name: string
  /** The short names without their colons: `tada`. */
  readonly codes: readonly string[]
  readonly keywords: readonly string[]
  readonly group: number
  /** From light to dark; empty if the emoji has no skin tones. */
  readonly tones: readonly string[]
  readonly foldedNames: readonly string[]
}

/** 0 is yellow, 1 to 5 from light to dark. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5

export class EmojiSet {
  readonly all: readonly Emoji[]
  readonly #byCode = new Map<string, Emoji>()
  readonly #byEmoji = new Map<string, Emoji>()

  constructor(table: string) {
    this.all = table.split('\n').map(parseEmoji)
    for (const each of this.all) {
      for (const code of each.codes) if (!this.#byCode.has(code)) this.#byCode.set(code, each)
      for (const text of [each.emoji, ...each.tones]) this.#byEmoji.set(text, each)
    }
  }

  byCode(code: string): Emoji | undefined {
    return this.#byCode.get(code.toLowerCase())
  }

  /** In any skin tone. */
  byEmoji(emoji: string): Emoji | undefined {
    return this.#byEmoji.get(emoji)
  }

  /**
   * The best match first: each word of the query begins a word of the emoji; its short names and name rank before its
   * other words.
   */
  search(query: string, limit = 200): readonly Emoji[] {
    const wanted = foldWords(query)
    if (wanted.length === 0) return []
    const whole = wanted.join('_')
    const found: { emoji: Emoji; rank: number }[] = []
    for (const emoji of this.all) {
      const rank = rankOf(emoji, wanted, whole)
      if (rank > 0) found.push({ emoji, rank })
    }
    // The sort is stable, so equal results stay in the familiar order.
    return found
      .sort((a, b) => b.rank - a.rank)
      .slice(0, limit)
      .map(({ emoji }) => emoji)
  }

  /** Replaces `:tada:` with 🎉 where it is a name of an emoji. Unknown short names, and those in `kept`, stay as typed. */
  replaceShortcodes(text: string, tone: Tone = 0, kept: ReadonlySet<string> = new Set()): string {
    let replaced = ''
    let done = 0
    for (const { from, to, code } of findShortcodes(text)) {
      const emoji = kept.has(code) ? undefined : this.byCode(code)
      if (!emoji) continue
      replaced += text.slice(done, from) + withTone(emoji, tone)
      done = to
    }
    return replaced + text.slice(done)
  }
}

export function withTone(emoji: Emoji, tone: Tone): string {
  return tone === 0 ? emoji.emoji : (emoji.tones[tone - 1] ?? emoji.emoji)
}

/** Ignores case, accents and the characters between words. */
function foldWords(text: string): string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}+]+/u)
    .filter(Boolean)
}

function parseEmoji(line: string): Emoji {
  const [emoji = '', name = '', codes = '', words = '', group = '0', tones = ''] = line.split('\t')
  return {
    emoji,
    name,
    codes: codes.split(' ').filter(Boolean),
    keywords: words.split(' ').filter(Boolean),
    group: Number(group),
    tones: tones === '' ? [] : tones.split(' '),
    foldedNames: [...foldWords(name), ...foldWords(codes)],
  }
}

function rankOf(emoji: Emoji, wanted: readonly string[], whole: string): number {
  if (emoji.codes.includes(whole)) return 5
  if (emoji.codes.some((code) => code.startsWith(whole))) return 4
  if (wanted.every((part) => emoji.foldedNames.some((word) => word.startsWith(part)))) return 3
  const every = wanted.every((part) =>
    [...emoji.foldedNames, ...emoji.keywords].some((word) => word.toLowerCase().startsWith(part)),
  )
  if (every) return 2
  return wanted.every((part) => part.length > 2 && emoji.codes.some((code) => code.includes(part))) ? 1 : 0
}
