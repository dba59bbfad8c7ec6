// The emoji of one language as lines of text, made of emojibase's data when the page is built: a fifth of its size, and read
// in a few milliseconds. Fields by tab: emoji, name, short names, other words, group, the five skin tones.
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

/** Parts to make others of: not for people to pick. */
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
      // of pairs of people only those of one tone
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

/** What is drawn as an emoji by itself needs no mark that says so: only then are two people's 👍 the same. */
function withoutVariationSelectors(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1')
}

function readJson<T>(file: string): T {
  const path = createRequire(import.meta.url).resolve(`emojibase-data/${file}`)
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
