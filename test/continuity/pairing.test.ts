import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { nodeIdOf, signedTexts, signText } from '../../server/continuity/node-key.ts'
import { type JoinInput, Pairing } from '../../server/standby/pairing.ts'
import { requireConsent } from '../../server/standby/consent.ts'
import { parseStandbyLink, standbyLink } from '../../shared/text/standby-link.ts'

const hubId = 'hub-of-the-test'
/** Of a link, which the parser checks. */
const linkedHubId = `${'x'.repeat(42)}w`
const minuteMs = 60_000

function newComputer(): { key: KeyObject; spki: Buffer; node: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { key: privateKey, spki, node: nodeIdOf(spki) }
}

function joinOf(
  code: string,
  { key, spki, node } = newComputer(),
  changes: Partial<JoinInput> = {},
): JoinInput {
  const sig = signText(key, signedTexts.join(hubId, code))
  return { code, node, key: spki.toString('base64url'), name: 'Ann', kind: 'standby', sig, ...changes }
}

function start(): { pairing: Pairing; pass: (ms: number) => void } {
  let now = 1_000_000
  return { pairing: new Pairing(hubId, () => now), pass: (ms) => void (now += ms) }
}

test('lets one computer ask with a code of 50 bits, and shows it to the owner', () => {
  const { pairing } = start()
  const { code } = pairing.newCode('standby')
  expect(code).toMatch(/^[a-z2-9]{10}$/)
  const computer = newComputer()
  pairing.join(joinOf(code, computer), '10.0.0.9')
  const [request] = pairing.list()
  expect(request).toMatchObject({ node: computer.node, name: 'Ann', address: '10.0.0.9', kind: 'standby' })
  expect(request?.words).toHaveLength(8)
  expect(pairing.take(computer.node).key).toEqual(computer.spki)
  expect(() => pairing.take(computer.node)).toThrow('no longer waiting')
})

test('accepts a code once', () => {
  const { pairing } = start()
  const { code } = pairing.newCode('standby')
  pairing.join(joinOf(code), 'a')
  expect(() => pairing.join(joinOf(code), 'b')).toThrow('wrong or has expired')
})

test('ends a code after ten minutes, and a request that nobody approved', () => {
  const { pairing, pass } = start()
  const { code } = pairing.newCode('standby')
  pass(10 * minuteMs)
  expect(() => pairing.join(joinOf(code), 'a')).toThrow('wrong or has expired')
  const computer = newComputer()
  pairing.join(joinOf(pairing.newCode('standby').code, computer), 'a')
  pass(10 * minuteMs)
  expect(pairing.list()).toEqual([])
  expect(() => pairing.take(computer.node)).toThrow('no longer waiting')
})

test('ends a code after five wrong attempts, and by a new code', () => {
  const { pairing } = start()
  const { code } = pairing.newCode('standby')
  for (let attempt = 0; attempt < 5; attempt += 1)
    expect(() => pairing.join(joinOf('wrongwrong'), 'a')).toThrow('wrong or has expired')
  expect(() => pairing.join(joinOf(code), 'a')).toThrow('wrong or has expired')
  const first = pairing.newCode('standby').code
  const second = pairing.newCode('standby').code
  expect(() => pairing.join(joinOf(first), 'a')).toThrow('wrong or has expired')
  pairing.join(joinOf(second), 'a')
})

test('refuses a signature of another key, of another code or hub, and an id that is not of the key', () => {
  const others: ((code: string) => JoinInput)[] = [
    (code) => joinOf(code, undefined, { sig: joinOf(code).sig }),
    (code) => ({ ...joinOf('anothercod'), code }),
    (code) => joinOf(code, undefined, { node: newComputer().node }),
    (code) => joinOf(code, undefined, { key: 'no key' }),
    (code) => {
      const computer = newComputer()
      const sig = signText(computer.key, signedTexts.join('another hub', code))
      return joinOf(code, computer, { sig })
    },
  ]
  for (const make of others) {
    const { pairing } = start()
    const { code } = pairing.newCode('standby')
    expect(() => pairing.join(make(code), 'a')).toThrow('signature of this computer is wrong')
    expect(pairing.list()).toEqual([])
  }
})

test('refuses a code for a vote from a standby', () => {
  const { pairing } = start()
  const { code } = pairing.newCode('vote')
  expect(() => pairing.join(joinOf(code), 'a')).toThrow('This code is for a vote.')
})

test('reads a link only if it is exactly one for a standby or a third computer', () => {
  const fp = linkedHubId
  const link = `hubbub://standby?a=10.0.0.5:7788&a=%5B::1%5D:7788&fp=${fp}&code=abcdefgh23`
  const read = { addresses: ['10.0.0.5:7788', '[::1]:7788'], hubId: fp, code: 'abcdefgh23', hubName: '' }
  expect(parseStandbyLink(link)).toEqual({ ...read, kind: 'standby' })
  expect(parseStandbyLink(`${link}&kind=vote`)).toEqual({ ...read, kind: 'vote' })
  expect(parseStandbyLink(`${link}&kind=hub`)).toBeUndefined()
  const wrong = [
    ...[link.replace('standby', 'join'), link.replace('fp=', 'fp=x'), link.slice(0, -1), 'x'],
    ...[`${link}&code=bcdefgh234`, `${link}&more=1`, `${link}&n=%E0%A4%A`, `${link}&__proto__=1`],
    ...[`${link}&a=ann@evil.example:7788`, `${link}&a=evil.example/x`],
  ]
  for (const one of wrong) expect(parseStandbyLink(one), one).toBeUndefined()
})

test('a link carries the name of the hub, without what could make it look like another text', () => {
  const whole = { addresses: ['[::1]:7788'], hubId: linkedHubId, code: 'abcdefgh23' }
  for (const kind of ['standby', 'vote'] as const)
    for (const hubName of ['Yard', 'مكتب', '東京 & Co=1', '👩‍🚒'.repeat(3).replaceAll('\u200d', ''), ''])
      expect(parseStandbyLink(standbyLink({ ...whole, kind, hubName }))).toEqual({ ...whole, kind, hubName })
  const named = (hubName: string) =>
    parseStandbyLink(
      `${standbyLink({ ...whole, kind: 'standby', hubName: '' })}&n=${encodeURIComponent(hubName)}`,
    )?.hubName
  expect(named('Yard\n\u202eHub')).toBe('Yard  Hub')
  expect(named('😀'.repeat(200))).toBe('😀'.repeat(60))
})

test('a computer joins only after its user has agreed to what it means', async () => {
  const target = { addresses: ['10.0.0.5:7788'], hubId: linkedHubId, hubName: 'Yard' }
  const ask = async (kind: 'standby' | 'vote', answer: boolean | undefined, isAgreed = false) => {
    const lines: string[] = []
    const questions: string[] = []
    const question = (text: string): Promise<boolean> => {
      questions.push(text)
      return Promise.resolve(answer === true)
    }
    const options = { ...target, kind, isAgreed, ask: answer === undefined ? undefined : question }
    const ended = await requireConsent(options, (line) => lines.push(line)).then(
      () => 'agreed',
      (error: unknown) => (error as Error).message,
    )
    return { ended, text: lines.join('\n'), questions }
  }
  const standby = await ask('standby', true)
  expect(standby.ended).toBe('agreed')
  expect(standby.text).toContain('hub: “Yard”, 10.0.0.5:7788\nwords of this hub: ')
  expect(standby.text).toContain('all messages, including private ones')
  expect(standby.questions).toEqual(['Should this computer keep a copy of this hub? Type yes: '])
  const vote = await ask('vote', false)
  expect(vote).toMatchObject({ ended: 'Nothing was sent. This computer has not joined.' })
  expect(vote.text).toContain('It stores no messages')
  // a script that did not agree, and one that did
  expect((await ask('standby', undefined)).ended).toContain('Nothing was sent. Add --yes')
  expect(await ask('standby', false, true)).toMatchObject({ ended: 'agreed', questions: [] })
})
