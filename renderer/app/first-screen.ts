// The moment from which the page loads what its first screen does not need: until then it would make the user wait.
import { keepPageOffline } from '../offline/page-version.ts'
import type { Hub } from '../state/hub.ts'
import { loadModule, preloadWhenIdle, whenIdle } from './lazy-modules.ts'

/** In the browser's performance timeline, for tests and benchmarks. */
const firstScreenMark = 'hubbub-first-screen'

const isComplete = new Set<string>()

/** True once the shell shows what it has of the open chat, and the hub has responded or is known to be away. Watched. */
export function isShellComplete(hub: Hub, chatId: string | undefined): boolean {
  const state = hub.connectionState.value
  if (state !== 'live' && state !== 'waiting') return false
  return chatId === undefined || hub.conversation(chatId).status.value !== 'loading'
}

/** Call when the first screen is drawn. The sign-in screen is followed by the shell, the shell by everything else. */
export async function completeFirstScreen(screen: 'sign-in' | 'shell'): Promise<void> {
  if (isComplete.has(screen)) return
  isComplete.add(screen)
  // The layout asks for the font.
  document.body.getBoundingClientRect()
  await document.fonts.ready
  performance.mark(firstScreenMark)
  if (screen === 'shell') {
    preloadWhenIdle()
    void keepPageOffline()
  } else whenIdle(() => void loadModule('shell').catch(() => undefined))
}
