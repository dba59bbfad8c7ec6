import { encode as encodeQr } from 'uqr'
import { parseAppLink } from '../../../main/links/deep-links.ts'
import { type Address, formatAddress, parseAddress } from '../../../main/net/address.ts'
import { ShellError } from '../../../main/shell-error.ts'
import { parseTxtRecord } from '../../../main/discovery/txt-record.ts'
import { addressToReveal, hrefOf } from '../../../renderer/messages/link-addresses.ts'
import { addressKind } from '../../../shared/addresses.ts'
import { isPageRoute } from '../../../shared/page-routes.ts'
import {
  chatAppLink,
  type HubLink,
  inviteAppLink,
  linkLimits,
  normalizeAddress,
  parseLink,
} from '../../../shared/text/invite-link.ts'
import { parseStandbyLink, standbyLink } from '../../../shared/text/standby-link.ts'
import { Texts } from '../bend.ts'
import { acceptIcons } from '../page-modules.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Links, addresses, what a user pastes to join, and records of the network: a link that is taken is one of ours, and made again it is taken as the same. An
 * address means the same to a browser. A link in a message opens nothing but web and mail.
 */

const hubId = 'h'.repeat(43)
const examples = [
  'http://192.168.1.5:7788/join#abcdefghijklmnop0123',
  `https://chat.example.org/join#abcdefghijklmnop0123&fp=${hubId}`,
  `hubbub://join?a=192.168.1.5:7788&a=%5Bfe80::1%5D:7788&fp=${hubId}&c=abcdefghijklmnop0123`,
  `hubbub://open/${hubId}/0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000/42`,
  `hubbub://standby?a=10.0.0.5:7788&fp=${hubId}&code=abcde12345&n=Yard&kind=vote`,
  ...[
    '192.168.1.5:7788',
    '[2001:db8::1]:443',
    'team.local:7788',
    'https://chat.example.org',
    'http://127.0.0.1:7788',
  ],
  ...[
    'https://x.example/a?b=c#d',
    'mailto:ann@x.example',
    'www.x.example/(a)',
    'ann@x.example',
    'https://раура1.com',
  ],
  ...['/chat/abc/12/3', '/settings/security', '/admin/', '/threads', '::ffff:10.0.0.1', '100.64.0.1'],
]
const pieces = [
  ...[
    'hubbub://',
    'HUBBUB://',
    'join?',
    'join/?',
    'open/',
    'standby?',
    'a=',
    '&a=',
    '&fp=',
    '&c=',
    '&code=',
    '&n=',
    '&kind=vote',
  ],
  ...[
    'http://',
    'https://',
    `${'javascript'}:`,
    'data:',
    'file://',
    'mailto:',
    'www.',
    '@',
    ':',
    '/',
    '//',
    '?',
    '#',
    '&',
    '=',
    '%',
  ],
  ...[
    '%00',
    '%2F',
    '%3A',
    '%5B',
    '%ff',
    '[',
    ']',
    '::',
    '::1',
    'fe80::1%25eth0',
    '0x7f.1',
    '127.1',
    '256.1.1.1',
    '1.2.3.4',
  ],
  ...[
    'localhost',
    'x.example',
    'xn--nxasmq6b',
    'chat',
    '..',
    '.',
    ':7788',
    ':0',
    ':65536',
    ':99999',
    hubId,
    'abcdefghijklmnop0123',
  ],
  ...['abcde12345', '0198aaaa', '42', '0', '\\', ' ', 'é', 'е'],
]
const texts = new Texts(pieces, examples)
const kinds = ['loopback', 'private', 'link-local', 'shared', 'public', 'other']
/** Version 40 with its quiet zone. */
const maxQrSize = 177 + 8
/** Of the links, so many are drawn. */
const qrShare = 16
const safeSchemes = /^(?:https?|mailto):/

export async function openLinksTarget(): Promise<Target<string>> {
  acceptIcons()
  const { parseInviteCode } = await import('../../../renderer/accounts/account-checks.ts')
  const subject = { href: hrefOf }
  return {
    inputsPerRound: 20_000,
    make: (random) => texts.make(random, 8, linkLimits.length),
    check: (text) =>
      checkOurs(text) ??
      checkPasted(text, parseInviteCode(text)) ??
      checkStandby(text) ??
      checkAddress(text) ??
      checkOther(text, subject.href),
    faults: {
      'any-scheme': () => {
        subject.href = (address) => (URL.canParse(address) ? new URL(address).href : undefined)
      },
    },
  }
}

function checkOurs(text: string): string | undefined {
  const link = parseLink(text)
  const parsed = parseAppLink(text)
  if (parsed?.kind === 'unknown' && !/^hubbub:/i.test(text)) return 'the shell takes a text for a link'
  const shell = parsed?.kind === 'unknown' ? undefined : parsed
  if (!link) return shell && shell.kind !== 'standby' ? 'the shell takes what is no link' : undefined
  const again = parseLink(remake(link))
  return firstProblem(
    [text.length <= linkLimits.length, 'a link that is too long'],
    [/^hubbub:/i.test(text) === (shell !== undefined), 'the shell and the page differ'],
    [
      link.kind !== 'join' || link.addresses.every(isPlainAddress),
      'an address that a browser reads otherwise',
    ],
    [link.kind !== 'open' || isPageRoute(`/chat/${link.chatId}/${link.no}`), 'a link to no page'],
    [
      JSON.stringify(withoutPlain(again)) === JSON.stringify(withoutPlain(link)),
      'another link when it is made again',
    ],
  )
}

function remake(link: HubLink): string {
  return link.kind === 'open' ? chatAppLink(link) : inviteAppLink(link)
}

/** The app link of an address without TLS cannot say so. */
function withoutPlain(link: HubLink | undefined): object {
  if (link?.kind !== 'join') return { ...link }
  const { addresses, code, hubId: id } = link
  return { addresses, code, id }
}

function isPlainAddress(address: string): boolean {
  if (!URL.canParse(`https://${address}`)) return false
  const { hostname, username, pathname, port } = new URL(`https://${address}`)
  const [, host = '', digits = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const isSameHost = host.startsWith('[') ? hostname.startsWith('[') : hostname === host
  return isSameHost && username === '' && pathname === '/' && Number(port || '443') === Number(digits)
}

/** What the user pastes to join: each address of a link is read as it is in the link, or refused in words. */
function checkPasted(text: string, code: string): string | undefined {
  const link = parseLink(text.trim())
  if (link?.kind !== 'join') return code === code.trim() ? undefined : 'spaces around the code of an invite'
  const typed = link.addresses.map((address) => readAddress(link.plain ? `http://${address}` : address))
  // drawing a code takes long
  const drawn =
    text.length % qrShare === 0 ? encodeQr(inviteAppLink(link), { ecc: 'M', border: 4 }) : undefined
  return firstProblem(
    [code === link.code, 'another code than that of the link'],
    [
      typed.every(
        (address, at) => !address || link.addresses[at] === formatAddress({ ...address, plain: false }),
      ),
      'another address than that of the link',
    ],
    [drawn === undefined || drawn.size <= maxQrSize, 'a code that no camera reads'],
  )
}

/** Undefined if it is refused. */
function readAddress(text: string): Address | undefined {
  try {
    return parseAddress(text)
  } catch (error) {
    if (error instanceof ShellError && error.message !== '') return undefined
    throw error
  }
}

function checkStandby(text: string): string | undefined {
  const link = parseStandbyLink(text)
  if (!link) return undefined
  return firstProblem(
    [link.addresses.every(isPlainAddress), 'an address of a standby link'],
    [!/[\p{C}\p{Zl}\p{Zp}]/u.test(link.hubName), 'a name that hides something'],
    [JSON.stringify(parseStandbyLink(standbyLink(link))) === JSON.stringify(link), 'another standby link'],
  )
}

function checkAddress(text: string): string | undefined {
  const address = normalizeAddress(text, 443)
  const typed = readAddress(text)
  const again = typed && readAddress(formatAddress(typed))
  return firstProblem(
    [JSON.stringify(again) === JSON.stringify(typed), 'another address when it is typed again'],
    [address === undefined || normalizeAddress(address) === address, 'an address that is not canonical'],
    [address === undefined || isPlainAddress(address), 'an address that means another computer'],
    [kinds.includes(addressKind(text)), 'a kind of address'],
  )
}

function checkOther(text: string, href: typeof hrefOf): string | undefined {
  const opened = href(text)
  const shown = opened === undefined ? undefined : addressToReveal(text, opened)
  const record = parseTxtRecord({ v: '1', id: hubId, n: text, p: text.slice(0, 9), t: text.slice(0, 15) })
  return firstProblem(
    [opened === undefined || safeSchemes.test(opened), `it opens ${opened}`],
    [shown !== '', 'an empty address is revealed'],
    [
      record === undefined || !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(record.name),
      'a name in a record of the network',
    ],
    [record?.term === undefined || Number.isSafeInteger(record.term), 'a term in a record of the network'],
  )
}
