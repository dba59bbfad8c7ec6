// The user's emoji preferences on this device: the recent emoji and the skin tone.
import type { Tone } from './emoji.ts'

interface EmojiPreferences {
  tone: Tone
  recent: string[]
}

const storageKey = 'hubbub-emoji'
const maxRecent = 24
/** For users who have not picked any yet. */
const defaultRecent = ['👍', '❤️', '😂', '🎉', '🙏', '👀', '✅', '😊']

export function emojiPreferences(): EmojiPreferences {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<EmojiPreferences> | null
    const tone = [0, 1, 2, 3, 4, 5].includes(stored?.tone ?? 0) ? (stored?.tone ?? 0) : 0
    const recent = Array.isArray(stored?.recent)
      ? stored.recent.filter((each) => typeof each === 'string')
      : []
    return {
      tone,
      recent: [...new Set([...recent, ...(recent.length < defaultRecent.length ? defaultRecent : [])])].slice(
        0,
        maxRecent,
      ),
    }
  } catch {
    return { tone: 0, recent: defaultRecent }
  }
}

export function rememberEmoji(emoji: string): void {
  const habits = emojiPreferences()
  savePreferences({
    ...habits,
    recent: [emoji, ...habits.recent.filter((each) => each !== emoji)].slice(0, maxRecent),
  })
}

export function rememberTone(tone: Tone): void {
  savePreferences({ ...emojiPreferences(), tone })
}

function savePreferences(habits: EmojiPreferences): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(habits))
  } catch {
    // Storage is full or switched off: the preference is lost when the page closes.
  }
}
