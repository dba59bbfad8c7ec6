/** What somebody else called it, as a name that every system takes and that stays in its folder. */
export function safeFileName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, '_').replace(/^\.+|[. ]+$/g, '')
  return plain.slice(0, 200) || 'file'
}
