/** The names of keys on this system. */
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
export const commandKey = isMac ? '⌘' : 'Ctrl'
export const shiftKey = isMac ? '⇧' : 'Shift'
export const altKey = isMac ? '⌥' : 'Alt'

/** `Alt Shift M`, or `⌥⇧M` on a Mac. */
export function altShiftKeys(key: string): string {
  return isMac ? `⌥⇧${key}` : `Alt Shift ${key}`
}

/** `Ctrl K`, or `⌘K` on a Mac. */
export function commandKeys(key: string): string {
  return isMac ? `⌘${key}` : `Ctrl ${key}`
}
