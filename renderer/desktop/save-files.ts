import { splitHubPath, type HubbubDesktop, type Unsubscribe } from '../../shared/desktop.ts'
import { isPlainClick } from '../navigation/navigate-on-click.ts'

/**
 * Lets the shell save the files that links with `download` lead to: it streams them to the disk, whole or not at all.
 * Chromium's own download of an address of the app would show that address as the title of its dialog.
 */
export function saveFilesByShell(
  root: Document,
  shell: HubbubDesktop['shell'],
  onError: (error: unknown) => void,
): Unsubscribe {
  const save = (event: MouseEvent): void => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
    if (event.defaultPrevented || !link?.hasAttribute('download') || !isPlainClick(event)) return
    const { origin, pathname, search } = new URL(link.href)
    const file = origin === root.location.origin ? splitHubPath(pathname) : undefined
    if (!file?.rest.startsWith('/api/')) return
    event.preventDefault()
    shell.saveAs(file.id, file.rest + search, link.download).catch(onError)
  }
  root.addEventListener('click', save)
  return () => root.removeEventListener('click', save)
}
