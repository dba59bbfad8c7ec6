import { expect, test } from 'vitest'
import { PasswordHasher } from '../../server/accounts/password-hasher.ts'
import { newRecoveryKey, normaliseRecoveryKey } from '../../server/accounts/recovery-key.ts'

const secret = 'correct horse battery'

test('a password is right, another is not, and nobody’s never is', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash(secret)
  expect(key).toHaveLength(96)
  expect(await passwords.verify(key, secret)).toBe(true)
  expect(await passwords.verify(key, `${secret} `)).toBe(false)
  expect(await passwords.verify(undefined, secret)).toBe(false)
  expect(passwords.counts).toEqual({ hashed: 1, verified: 3 })
})

test('two hashes of one password have nothing in common', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const [one, two] = await Promise.all([passwords.hash(secret), passwords.hash(secret)])
  expect(one.equals(two)).toBe(false)
})

test('a password typed on another system in other code points is the same password', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash('Ame\u0301lie war hier')
  expect(await passwords.verify(key, 'Am\u00e9lie war hier')).toBe(true)
})

test('a key made with less work is made anew, one made with more is left alone', async () => {
  const key = await new PasswordHasher({ logN: 5 }).hash(secret)
  expect(new PasswordHasher({ logN: 5 }).needsRehash(key)).toBe(false)
  expect(new PasswordHasher({ logN: 6 }).needsRehash(key)).toBe(true)
  expect(new PasswordHasher({ logN: 4 }).needsRehash(key)).toBe(false)
})

test('what is more than the line holds is told to come back, and the line goes on', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 2, maxQueued: 3 })
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash(secret)))
  const refused = answers.filter((answer) => answer.status === 'rejected')
  expect(refused).toHaveLength(5)
  for (const { reason } of refused) {
    expect(reason).toMatchObject({ code: 'busy' })
    expect(reason.retryAfter).toBeGreaterThan(0)
  }
  expect(await passwords.verify(await passwords.hash(secret), secret)).toBe(true)
})

test('one that fails gives its place to the next', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 1, maxQueued: 3 })
  const broken = passwords.verify(Buffer.from('no key'), secret)
  const after = passwords.hash(secret)
  await expect(broken).rejects.toThrow('invalid key')
  expect(await after).toHaveLength(96)
  expect(await passwords.hash(secret)).toHaveLength(96)
})

test('a recovery key can be typed in any case, with any spacing and with the letters that look alike', () => {
  const key = newRecoveryKey()
  expect(key).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){7}$/)
  const plain = normaliseRecoveryKey(key)
  expect(plain).toHaveLength(32)
  expect(normaliseRecoveryKey(key.toUpperCase().replaceAll('-', '  '))).toBe(plain)
  expect(normaliseRecoveryKey(plain.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(plain)
  expect(newRecoveryKey()).not.toBe(key)
})
