// The page as an app of its own, on the home screen of a phone or among the programs of a computer.
import { signal, type ReadonlySignal } from '../signals/signal.ts'

/** Chromium: https://wicg.github.io/manifest-incubations/#beforeinstallpromptevent-interface */
interface InstallPromptEvent extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const prompt = signal<InstallPromptEvent | undefined>(undefined)
const canPrompt = signal(false)

/** Whether the browser offers to install the page. Others do it by their own menu only. */
export const canInstall: ReadonlySignal<boolean> = canPrompt

/** Once, at boot: the browser offers it before the parts that show it are there. */
export function watchInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    // Instead of the bar of the browser, which covers the composer.
    event.preventDefault()
    setPrompt(event as InstallPromptEvent)
  })
  addEventListener('appinstalled', () => setPrompt(undefined))
}

/** Call on a press: the browser asks the user. It takes each offer once. */
export async function install(): Promise<void> {
  const event = prompt.peek()
  setPrompt(undefined)
  await event?.prompt()
}

/** The page is not in a tab of the browser, but in a window of its own. */
export function isInstalled(): boolean {
  return matchMedia('(display-mode: standalone)').matches
}

function setPrompt(event: InstallPromptEvent | undefined): void {
  prompt.value = event
  canPrompt.value = event !== undefined
}
