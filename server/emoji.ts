import { HubError } from '../shared/errors.ts'

/** Compiled on the first reaction: it takes longer than all other expressions together. */
let knownEmojiPattern: RegExp | undefined
function isKnownEmoji(text: string): boolean {
  knownEmojiPattern ??= new RegExp('^\\p{RGI_Emoji}$', 'v')
  return knownEmojiPattern.test(text)
}

const variationSelector = '\uFE0F'

/**
 * Returns the canonical form of one emoji, so that equal reactions match: with the variation selector where the
 * standard requires it, and only there. @throws invalid for any other text
 */
export function normalizeEmoji(typed: string): string {
  const emoji = typed.normalize('NFC')
  if (isKnownEmoji(emoji)) return emoji
  const points = [...emoji.replaceAll(variationSelector, '')]
  const written = points
    .map((point, at) => {
      const isText = /\p{Emoji}/u.test(point) && !/\p{Emoji_Presentation}/u.test(point)
      return isText && !/\p{Emoji_Modifier}/u.test(points[at + 1] ?? '') ? point + variationSelector : point
    })
    .join('')
  if (isKnownEmoji(written)) return written
  throw new HubError('invalid', 'This is not a single emoji. Choose one emoji.', { field: 'emoji' })
}
