import type { DesktopLink } from '../../shared/desktop.ts'
import { parseLink } from '../../shared/text/invite-link.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'

/**
 * Parses a `hubbub://` link; `unknown` unless it is exactly valid. Returns undefined for any other text. Only the user
 * decides whether to follow it.
 */
export function parseAppLink(text: string): DesktopLink | undefined {
  if (!/^hubbub:/i.test(text)) return undefined
  if (parseStandbyLink(text)) return { kind: 'standby', link: text }
  const link = parseLink(text)
  if (!link) return { kind: 'unknown' }
  if (link.kind === 'open') {
    return { kind: 'open', hubId: link.hubId, route: `/chat/${link.chatId}/${link.no}` }
  }
  return { kind: 'join', addresses: link.addresses, fingerprint: link.hubId ?? 'public', invite: link.code }
}

/** Finds the link in the arguments of a program start: the system puts it last, after its own switches. */
export function findLinkArgument(argv: readonly string[]): DesktopLink | undefined {
  const text = findLinkText(argv)
  return text === undefined ? undefined : parseAppLink(text)
}

/** The link as it is, valid or not. */
export function findLinkText(argv: readonly string[]): string | undefined {
  // the first argument is the program itself
  return argv.slice(1).findLast((text) => parseAppLink(text) !== undefined)
}
