// What a person picks, remembered on this device: the last emoji, and the tone of their skin.
import type { Tone } from './emoji.ts'

interface Habits {
  tone: Tone
  recent: string[]
}

const key = 'hubbub-emoji'
const most = 24
/** For those who have not picked any yet. */
const first = ['👍', '❤️', '😂', '🎉', '🙏', '👀', '✅', '😊']

export function emojiHabits(): Habits {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Habits> | null
    const tone = [0, 1, 2, 3, 4, 5].includes(kept?.tone ?? 0) ? (kept?.tone ?? 0) : 0
    const recent = Array.isArray(kept?.recent) ? kept.recent.filter((each) => typeof each === 'string') : []
    return {
      tone,
      recent: [...new Set([...recent, ...(recent.length < first.length ? first : [])])].slice(0, most),
    }
  } catch {
    return { tone: 0, recent: first }
  }
}

export function rememberEmoji(emoji: string): void {
  const habits = emojiHabits()
  keep({ ...habits, recent: [emoji, ...habits.recent.filter((each) => each !== emoji)].slice(0, most) })
}

export function rememberTone(tone: Tone): void {
  keep({ ...emojiHabits(), tone })
}

function keep(habits: Habits): void {
  try {
    localStorage.setItem(key, JSON.stringify(habits))
  } catch {
    // no room, or storage is switched off: it is forgotten with the page
  }
}
