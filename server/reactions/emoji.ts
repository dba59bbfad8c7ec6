import { HubError } from '../../shared/errors.ts'

/** Made when somebody first reacts: it takes longer than all other expressions together. */
let known: RegExp | undefined
function isKnown(text: string): boolean {
  known ??= new RegExp('^\\p{RGI_Emoji}$', 'v')
  return known.test(text)
}

const variation = '\uFE0F'

/**
 * One emoji as everybody writes it, so that two people who mean the same one meet: with the variation selector where the
 * standard has it, and only there. @throws invalid for anything else
 */
export function normalEmoji(typed: string): string {
  const emoji = typed.normalize('NFC')
  if (isKnown(emoji)) return emoji
  const points = [...emoji.replaceAll(variation, '')]
  const written = points
    .map((point, at) => {
      const isText = /\p{Emoji}/u.test(point) && !/\p{Emoji_Presentation}/u.test(point)
      return isText && !/\p{Emoji_Modifier}/u.test(points[at + 1] ?? '') ? point + variation : point
    })
    .join('')
  if (isKnown(written)) return written
  throw new HubError('invalid', 'React with one emoji.', { field: 'emoji' })
}
