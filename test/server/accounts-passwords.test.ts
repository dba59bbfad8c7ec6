import { expect, test } from 'vitest'
import { PasswordHasher } from '../../server/passwords/password-hasher.ts'
import { newRecoveryKey, normalizeRecoveryKey } from '../../server/accounts/recovery-key.ts'

const secret = 'correct horse battery'
const waiter = '10.0.0.5'

test('verify accepts the right password and rejects a wrong one and a user without a key', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash(secret, waiter)
  expect(key).toHaveLength(96)
  expect(await passwords.verify(key, secret, waiter)).toBe(true)
  expect(await passwords.verify(key, `${secret} `, waiter)).toBe(false)
  expect(await passwords.verify(undefined, secret, waiter)).toBe(false)
  expect(passwords.counts).toEqual({ hashed: 1, verified: 3 })
})

test('two hashes of the same password differ', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const [one, two] = await Promise.all([passwords.hash(secret, waiter), passwords.hash(secret, waiter)])
  expect(one.equals(two)).toBe(false)
})

test('verify accepts the same password typed in another Unicode normalization form', async () => {
  const passwords = new PasswordHasher({ logN: 4 })
  const key = await passwords.hash('Ame\u0301lie war hier', waiter)
  expect(await passwords.verify(key, 'Am\u00e9lie war hier', waiter)).toBe(true)
})

test('needsRehash is true for a key made with less work and false for one made with more', async () => {
  const key = await new PasswordHasher({ logN: 5 }).hash(secret, waiter)
  expect(new PasswordHasher({ logN: 5 }).needsRehash(key)).toBe(false)
  expect(new PasswordHasher({ logN: 6 }).needsRehash(key)).toBe(true)
  expect(new PasswordHasher({ logN: 4 }).needsRehash(key)).toBe(false)
})

test('hash throws busy with a retryAfter when the queue is full, and later calls succeed', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 2, maxQueued: 3 })
  const responses = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash(secret, waiter)))
  const rejected = responses.filter((response) => response.status === 'rejected')
  expect(rejected).toHaveLength(5)
  for (const { reason } of rejected) {
    expect(reason).toMatchObject({ code: 'busy' })
    expect(reason.retryAfter).toBeGreaterThan(0)
  }
  expect(await passwords.verify(await passwords.hash(secret, waiter), secret, waiter)).toBe(true)
})

test('a client that logs in again and again delays another one by a hash, and takes no place from it in a full queue', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 1, maxQueued: 10 })
  const done: string[] = []
  const login = (from: string) =>
    passwords.hash(secret, from).then(
      () => void done.push(from),
      ({ code }: { code: string }) => void done.push(`${from} ${code}`),
    )
  const flood = Array.from({ length: 12 }, () => login('flood'))
  await Promise.all([...flood, login('ann'), login('ann'), login('bo')])
  // one was under way, ten wait; the newcomers take the places of the last of them
  expect(done.filter((name) => name === 'flood busy')).toHaveLength(4)
  expect(done.filter((name) => !name.endsWith('busy')).slice(0, 6)).toEqual([
    ...['flood', 'flood', 'ann', 'bo', 'flood', 'ann'],
  ])
})

test('a verification that throws frees its slot for the next one', async () => {
  const passwords = new PasswordHasher({ logN: 4, maxConcurrent: 1, maxQueued: 3 })
  const broken = passwords.verify(Buffer.from('no key'), secret, waiter)
  const after = passwords.hash(secret, waiter)
  await expect(broken).rejects.toThrow('invalid key')
  expect(await after).toHaveLength(96)
  expect(await passwords.hash(secret, waiter)).toHaveLength(96)
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
