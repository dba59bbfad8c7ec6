import { EmojiSet } from './emoji.ts'

/** To add a language, add a line here; the search then knows its words. */
const tables = { en: () => import('emoji:en') }

let loading: Promise<EmojiSet> | undefined
let loaded: EmojiSet | undefined

/** Rejects when the page cannot fetch it now; the next call tries again. */
export function loadEmoji(): Promise<EmojiSet> {
  loading ??= tables.en().then(
    ({ table }) => (loaded = new EmojiSet(table)),
    (error: unknown) => {
      loading = undefined
      throw error
    },
  )
  return loading
}

/** Returns the table if it is already loaded. */
export function loadedEmoji(): EmojiSet | undefined {
  return loaded
}
