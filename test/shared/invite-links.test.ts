import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fingerprintHex, fingerprintWords } from '../../shared/text/fingerprint.ts'
import { isHubId } from '../../shared/text/hub-id.ts'
import {
  inviteAppLink,
  inviteUrl,
  linkLimits,
  normalizeAddress,
  chatAppLink,
  parseInviteFragment,
  parseLink,
} from '../../shared/text/invite-link.ts'
import { fingerprintWordList } from '../../shared/text/fingerprint-word-list.ts'

const code = 'kD3v_T0Zy2qXo1BfWn-8Rj5LhUe6MgAp7sIcQtYxVaE'
const hubId = Buffer.alloc(32, 0xa5).toString('base64url')
const chatId = 'AAECAwQFBgcICQoLDA0ODw'

test('the word list equals the published one', () => {
  const hash = createHash('sha256')
    .update(`${fingerprintWordList.join('\n')}\n`)
    .digest('hex')
  expect(hash).toBe('2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda')
  expect(new Set(fingerprintWordList.map((word) => word.slice(0, 4))).size).toBe(2048)
})

test('an identity has eight fingerprint words for its first 88 bits', () => {
  expect(fingerprintWords(Buffer.alloc(32).toString('base64url'))).toEqual(Array(8).fill('abandon'))
  expect(fingerprintWords(Buffer.alloc(32, 255).toString('base64url'))).toEqual(Array(8).fill('zoo'))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
      const expected = Array.from(
        { length: 8 },
        (_, i) => fingerprintWordList[parseInt(bits.slice(i * 11, i * 11 + 11), 2)],
      )
      const id = Buffer.from(bytes).toString('base64url')
      expect(fingerprintWords(id)).toEqual(expected)
      expect(fingerprintHex(id).replaceAll(':', '').toLowerCase()).toBe(Buffer.from(bytes).toString('hex'))
    }),
  )
})

test.each([
  '',
  'abc',
  `${hubId}A`,
  hubId.slice(1),
  `${hubId.slice(0, 42)}B`,
  `${hubId.slice(0, 42)}=`,
  `${hubId}\n`,
])('%j is not a hub id', (text) => {
  expect(isHubId(text)).toBe(false)
  expect(() => fingerprintWords(text)).toThrow()
})

test('parseLink returns the parts that inviteAppLink, inviteUrl and chatAppLink were given', () => {
  const addresses = ['192.168.1.5:7788', '[fd00::1]:7788', 'fig-tree.local:7788']
  expect(parseLink(inviteAppLink({ addresses, code, hubId }))).toEqual({
    kind: 'join',
    addresses,
    code,
    hubId,
  })
  expect(parseLink(inviteAppLink({ addresses, code }))).toEqual({ kind: 'join', addresses, code })
  const page = inviteUrl({ origin: 'https://192.168.1.5:7788', code, hubId })
  expect(page).toBe(`https://192.168.1.5:7788/join#${code}&fp=${hubId}`)
  expect(parseLink(page)).toEqual({ kind: 'join', addresses: ['192.168.1.5:7788'], code, hubId })
  expect(parseLink(`https://Chat.Example.com/join#${code}`)).toEqual({
    kind: 'join',
    addresses: ['chat.example.com:443'],
    code,
  })
  expect(parseLink(`http://localhost:7788/join#${code}`)).toMatchObject({ plain: true })
  // with an identity it is the page for browsers, and the app uses TLS on the same port
  expect(parseLink(`http://192.168.1.5:7788/join#${code}&fp=${hubId}`)).toEqual({
    ...{ kind: 'join', addresses: ['192.168.1.5:7788'], code, hubId },
  })
  const message = { hubId, chatId, no: 17 }
  expect(parseLink(chatAppLink(message))).toEqual({ kind: 'open', ...message })
  expect(parseLink(`HUBBUB://join/?a=h:1&c=${code}`)).toEqual({ kind: 'join', addresses: ['h:1'], code })
})

test('an app link fits the most and longest addresses, and drops more than the limit', () => {
  const addresses = Array.from(
    { length: 20 },
    (_, i) => `[2001:db8:1111:2222:3333:4444:5555:${6000 + i}]:65535`,
  )
  const link = inviteAppLink({ addresses, code, hubId })
  expect(link.length).toBeLessThan(linkLimits.length)
  expect(parseLink(link)).toMatchObject({ addresses: addresses.slice(0, linkLimits.addresses) })
})

test.each([
  '',
  'hubbub://',
  'hubbub://join',
  'hubbub://join?',
  `hubbub://join?c=${code}`,
  `hubbub://join?a=h:1`,
  `hubbub://join?a=h:1&c=${code}&c=${code}`,
  `hubbub://join?a=h:1&c=${code}&fp=${hubId}&fp=${hubId}`,
  `hubbub://join?a=h:1&c=${code}&x=1`,
  `hubbub://join?a=h:1&c=${code}&__proto__=1`,
  `hubbub://join?a=h:1&c=${code}&fp=short`,
  `hubbub://join?a=h:1&c=`,
  `hubbub://join?a=h:1&c=${code}#x`,
  `hubbub://join?a=h:1&c=${code} `,
  `hubbub://join?a=h:1&c=${code}\n`,
  ` hubbub://join?a=h:1&c=${code}`,
  `hubbub://join?a=h&c=${code}`,
  `hubbub://join?a=h:0&c=${code}`,
  `hubbub://join?a=h:65536&c=${code}`,
  `hubbub://join?a=user@h:1&c=${code}`,
  `hubbub://join?a=h:1/x&c=${code}`,
  `hubbub://join?a=%E0%A4%A&c=${code}`,
  `hubbub://join?a=h%00:1&c=${code}`,
  `hubbub://join?a=[fe80::1%25eth0]:1&c=${code}`,
  `hubbub://join?${'a=h:1&'.repeat(9)}c=${code}`,
  `hubbub:join?a=h:1&c=${code}`,
  `hubbub://JOIN?a=h:1&c=${code}`,
  `hubbub://evil@join?a=h:1&c=${code}`,
  `hubbub://open/${hubId}/${chatId}`,
  `hubbub://open/${hubId}/${chatId}/0`,
  `hubbub://open/${hubId}/${chatId}/01`,
  `hubbub://open/${hubId}/${chatId}/-1`,
  `hubbub://open/${hubId}/${chatId}/1/`,
  `hubbub://open/${hubId}/../1`,
  `hubbub://open/${hubId}/${chatId}/9999999999999999`,
  `hubbub://open/short/${chatId}/1`,
  `https://h/join/${code}`,
  `https://h/join`,
  `https://h/other#${code}`,
  `https://h/join?x=1#${code}`,
  `https://h/join#${code}&fp=short`,
  `https://h/join#${code}&fp=${hubId}&x=1`,
  `https://user:pw@h/join#${code}`,
  `https://h\\@evil/join#${code}`,
  `ftp://h/join#${code}`,
  `javascript:alert(1)//join#${code}`,
  `https://h/join#${'x'.repeat(3000)}`,
])('parseLink returns undefined for %j', (link) => {
  expect(parseLink(link)).toBeUndefined()
})

test.each([
  ['1.2.3.4:5', '1.2.3.4:5'],
  ['[::1]:80', '[::1]:80'],
  ['[2001:DB8::1]:80', '[2001:db8::1]:80'],
  ['[1:2:3:4:5:6:7:8]:80', '[1:2:3:4:5:6:7:8]:80'],
  ['NAME.local:1', 'name.local:1'],
])('normalizeAddress turns %s into %s', (text, normal) => {
  expect(normalizeAddress(text)).toBe(normal)
})

test.each([
  '1.2.3:5',
  '1.2.3.4.5:5',
  '1.2.3.256:5',
  '01.2.3.4:5',
  '1.2.3.4',
  '1.2.3.4:',
  '1.2.3.4:5:6',
  '0x7f.1:5',
  '2130706433:5',
  '[1:2:3:4:5:6:7]:1',
  '[1::2::3]:1',
  '[::ffff:1.2.3.4]:1',
  '::1:80',
  '[::1]',
  '-a:1',
  'a..b:1',
  `${'a'.repeat(64)}:1`,
  ':1',
  'ä:1',
])('normalizeAddress returns undefined for %j', (text) => {
  expect(normalizeAddress(text)).toBeUndefined()
})

test('the parsers never throw, and a parsed link can be built again', () => {
  const piece = fc.constantFrom(
    'hubbub://',
    'join?',
    'open/',
    'a=',
    '&',
    'fp=',
    'c=',
    code,
    hubId,
    'h:1',
    '/',
    '#',
    '%',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme' }))), (pieces) => {
      const link = parseLink(pieces.join(''))
      parseInviteFragment(pieces.join(''))
      if (link)
        expect(parseLink(link.kind === 'join' ? inviteAppLink(link) : chatAppLink(link))).toBeDefined()
    }),
  )
})
