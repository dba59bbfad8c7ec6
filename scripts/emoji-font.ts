// The faces of the bundled colour emoji, one for each slice of the font. The page knows them by the name of the system's own
// (renderer/styles/base.css).

/** Marks within sequences of emoji. */
const joiners = new Set([0x200d, 0x20e3, 0xfe0f])
/** Pictures that are text by default, but that people send as emoji: ☺ ❤ ✌ ☎ ⏱. */
const pictureBlocks = [
  // for keycaps and ©️: the text font has the plain ones and comes first
  [0x23, 0xae],
  [0x2328, 0x2328],
  [0x23cf, 0x23ff],
  [0x2600, 0x27bf],
  [0x1f000, 0x1faff],
  [0xe0020, 0xe007f],
] as const

/** Renames the faces, and takes arrows and other signs of texts out of their ranges. */
export function emojiFontFaces(css: string): string {
  return css
    .replaceAll("'Noto Color Emoji'", "'Hubbub Emoji'")
    .replace(/unicode-range:([^;}]*)/g, (_, ranges: string) => `unicode-range: ${pictureRanges(ranges)}`)
}

function pictureRanges(ranges: string): string {
  const points = ranges.split(',').flatMap((range) => {
    const [first = '', last = first] = range.trim().slice(2).split('-')
    const from = parseInt(first, 16)
    return Array.from({ length: parseInt(last, 16) - from + 1 }, (_, at) => from + at)
  })
  return points
    .filter(isPicture)
    .map((point) => `U+${point.toString(16)}`)
    .join(', ')
}

function isPicture(point: number): boolean {
  return (
    joiners.has(point) ||
    pictureBlocks.some(([first, last]) => point >= first && point <= last) ||
    /\p{Emoji_Presentation}/u.test(String.fromCodePoint(point))
  )
}
