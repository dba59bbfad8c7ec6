// The emoji of one language as lines of text, generated from emojibase's data when the page is built: a fifth of its
// size, and parsed in a few milliseconds. Fields, separated by tabs: emoji, name, short names, other words, group, the
// five skin tones.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

interface Emoji {
  unicode: string
  hexcode: string
  label: string
  tags?: string[]
  group?: number
  order?: number
  skins?: { unicode: string; label: string }[]
}

/** Components of other emoji, which the picker does not offer. */
const componentGroup = 2

export function emojiTable(language: 'en'): string {
  const all = readJson<Emoji[]>(`${language}/compact.json`)
  const github = readJson<Record<string, string | string[]>>(`${language}/shortcodes/github.json`)
  const emojibase = readJson<Record<string, string | string[]>>(`${language}/shortcodes/emojibase.json`)
  return all
    .filter((emoji) => emoji.group !== undefined && emoji.group !== componentGroup)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((emoji) => {
      const codes = new Set([github[emoji.hexcode], emojibase[emoji.hexcode]].flat().filter(Boolean))
      // for pairs of people, only the variants where both have the same tone
      const tones = (emoji.skins ?? []).filter(({ label }) => !/: .*,/.test(label))
      return [
        withoutVariationSelectors(emoji.unicode),
        emoji.label,
        [...codes].join(' '),
        (emoji.tags ?? []).join(' '),
        emoji.group,
        tones.length === 5 ? tones.map(({ unicode }) => withoutVariationSelectors(unicode)).join(' ') : '',
      ].join('\t')
    })
    .join('\n')
}

/** An emoji that is drawn as one by default needs no variation selector. Without it, two users' 👍 are equal. */
function withoutVariationSelectors(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1')
}

function readJson<T>(file: string): T {
  const path = createRequire(import.meta.url).resolve(`emojibase-data/${file}`)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
