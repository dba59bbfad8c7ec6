import type { DesktopLink } from '../../shared/desktop.ts'
import { parseLink } from '../../shared/text/invite-link.ts'

/** What a `hubbub://` link wishes for, or nothing when it is not exactly one. Only the person says whether it happens. */
export function parseAppLink(text: string): DesktopLink | undefined {
  const link = /^hubbub:/i.test(text) ? parseLink(text) : undefined
  if (!link) return undefined
  if (link.kind === 'open') {
    return { kind: 'open', hubId: link.hubId, route: `/chat/${link.chatId}/${link.no}` }
  }
  return { kind: 'join', addresses: link.addresses, fingerprint: link.hubId ?? 'public', invite: link.code }
}

/** The link among what a program was started with: the system puts it last, behind switches of its own. */
export function findLinkArgument(argv: readonly string[]): DesktopLink | undefined {
  // the first is the program itself
  return argv
    .slice(1)
    .map(parseAppLink)
    .findLast((link) => link !== undefined)
}
