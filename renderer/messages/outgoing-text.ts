// What happens to a text between typing and sending: commands and emoji names are replaced, empty lines around it are removed.
// Everything else is stored as typed.
import { emojiPreferences } from '../emoji/emoji-preferences.ts'
import { hasShortcode } from '../emoji/emoji.ts'
import { loadedEmoji, loadEmoji } from '../emoji/load-emoji.ts'
import { findShortcodes } from '../emoji/shortcodes.ts'
import { expandCommand } from './slash-commands.ts'
import { removeControls } from './text-utils.ts'

/**
 * @param original text of the message that is edited; undefined for a new message. An edit without a change changes nothing,
 * and commands are for new messages only.
 */
export function trimOutgoing(typed: string, original: string | undefined): string {
  if (typed === original) return typed
  const text = removeControls(typed)
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd()
  return original === undefined ? expandCommand(text) : text
}

/**
 * Replaces emoji names. Returns a promise while the names are not loaded yet: they come from the same server as the page,
 * and without them the text is sent as typed. Names that the edited message already had as text stay text.
 */
export function replaceEmojiNames(text: string, original: string | undefined): string | Promise<string> {
  if (text === original || !hasShortcode(text)) return text
  const kept = new Set(original === undefined ? [] : findShortcodes(original).map(({ code }) => code))
  const replace = (set: Awaited<ReturnType<typeof loadEmoji>>) =>
    set.replaceShortcodes(text, emojiPreferences().tone, kept)
  const loaded = loadedEmoji()
  return loaded ? replace(loaded) : loadEmoji().then(replace, () => text)
}
