import { expect, test } from 'vitest'
import { parseAppLink, findLinkArgument } from '../../main/links/deep-links.ts'

const hubId = 'A'.repeat(43)
const joinLink = `hubbub://join?a=192.168.1.5:7788&fp=${hubId}&c=abcdefghijklmnopqrstuv`

test('finds the link in the arguments of a start, and accepts nothing else', () => {
  expect(findLinkArgument(['/opt/hubbub', '--hidden', joinLink])).toEqual({
    kind: 'join',
    addresses: ['192.168.1.5:7788'],
    fingerprint: hubId,
    invite: 'abcdefghijklmnopqrstuv',
  })
  expect(findLinkArgument(['/opt/hubbub', '--hidden', '/home/ann/notes.txt'])).toBeUndefined()
  expect(findLinkArgument([joinLink])).toBeUndefined()
})

test('opens a message by its position, never by an address in the link', () => {
  expect(parseAppLink(`hubbub://open/${hubId}/chat1/12`)).toEqual({
    kind: 'open',
    hubId,
    route: '/chat/chat1/12',
  })
  for (const text of [
    `hubbub://open/${hubId}/../../settings/12`,
    `hubbub://open/${hubId}/chat1/-1`,
    `hubbub://open/${hubId}/chat1/12?x=javascript:alert(1)`,
    'hubbub://run?c=calc.exe',
    'hubbub:join',
    `${joinLink}&a=${'9'.repeat(3000)}`,
  ]) {
    // the page says that it cannot be opened
    expect(parseAppLink(text), text).toEqual({ kind: 'unknown' })
  }
  expect(parseAppLink(`https://192.168.1.5:7788/join#abcdefghijklmnopqrstuv&fp=${hubId}`)).toBeUndefined()
})

test('a link for a standby or a third computer is passed on as it is, for the page to ask', () => {
  const link = `hubbub://standby?a=192.168.1.5:7788&fp=${hubId}&code=abcdefgh23&n=Yard`
  for (const text of [link, `${link}&kind=vote`]) {
    expect(parseAppLink(text)).toEqual({ kind: 'standby', link: text })
    expect(findLinkArgument(['/opt/hubbub', text])).toEqual({ kind: 'standby', link: text })
  }
  for (const text of [`${link}&kind=hub`, link.replace('fp=', 'fp=x')])
    expect(parseAppLink(text), text).toEqual({ kind: 'unknown' })
  expect(parseAppLink(`x${link}`)).toBeUndefined()
})
