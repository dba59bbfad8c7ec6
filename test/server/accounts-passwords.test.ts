import { expect, test } from 'vitest'
import { PasswordHasher } from '../../server/passwords/password-hasher.ts'
import { newRecoveryKey, normalizeRecoveryKey } from '../../server/accounts/recovery-key.ts'

const secret = 'correct horse battery'

test('verify accepts the right password and rejects a wrong one and a user without a key', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash(secret)
  expect(key).toHaveLength(96)
  expect(await passwords.verify(key, secret)).toBe(true)
  expect(await passwords.verify(key, `${secret} `)).toBe(false)
  expect(await passwords.verify(undefined, secret)).toBe(false)
  expect(passwords.counts).toEqual({ hashed: 1, verified: 3 })
})

test('two hashes of the same password differ', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const [one, two] = await Promise.all([passwords.hash(secret), passwords.hash(secret)])
  expect(one.equals(two)).toBe(false)
})

test('verify accepts the same password typed in another Unicode normalization form', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash('Ame\u0301lie war hier')
  expect(await passwords.verify(key, 'Am\u00e9lie war hier')).toBe(true)
})

test('needsRehash is true for a key made with less work and false for one made with more', async () => {
  const key = await new PasswordHasher({ logN: 5 }).hash(secret)
  expect(new PasswordHasher({ logN: 5 }).needsRehash(key)).toBe(false)
  expect(new PasswordHasher({ logN: 6 }).needsRehash(key)).toBe(true)
  expect(new PasswordHasher({ logN: 4 }).needsRehash(key)).toBe(false)
})

test('hash throws busy with a retryAfter when the queue is full, and later calls succeed', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 2, maxQueued: 3 })
  const responses = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash(secret)))
  const rejected = responses.filter((response) => response.status === 'rejected')
  expect(rejected).toHaveLength(5)
  for (const { reason } of rejected) {
    expect(reason).toMatchObject({ code: 'busy' })
    expect(reason.retryAfter).toBeGreaterThan(0)
  }
  expect(await passwords.verify(await passwords.hash(secret), secret)).toBe(true)
})

test('a verification that throws frees its slot for the next one', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 1, maxQueued: 3 })
  const broken = passwords.verify(Buffer.from('no key'), secret)
  const after = passwords.hash(secret)
  await expect(broken).rejects.toThrow('invalid key')
  expect(await after).toHaveLength(96)
  expect(await passwords.hash(secret)).toHaveLength(96)
})

test('normalizeRecoveryKey ignores case and spacing and maps look-alike letters', () => {
  const key = newRecoveryKey()
  expect(key).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){7}$/)
  const plain = normalizeRecoveryKey(key)
  expect(plain).toHaveLength(32)
  expect(normalizeRecoveryKey(key.toUpperCase().replaceAll('-', '  '))).toBe(plain)
  expect(normalizeRecoveryKey(plain.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(plain)
  expect(newRecoveryKey()).not.toBe(key)
})
