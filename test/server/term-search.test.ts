import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { maxHeardAddresses, TermSearch } from '../../server/standby/term-search.ts'
import { newDataDir } from '../support/data-dir.ts'

/** A port that ends each connection. Returns its address, and counts. */
async function startStranger(count: () => void): Promise<string> {
  const server = createServer((socket) => {
    count()
    socket.on('error', () => undefined)
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a flood of announcements causes one look at once and a few a little later, and no step-down', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let count = 0
  const strangers = await Promise.all(Array.from({ length: 20 }, () => startStranger(() => (count += 1))))
  const search = new TermSearch({
    ...{ dataDir: newDataDir(), hubId: 'x'.repeat(43) },
    publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    ...{
      term: () => undefined,
      lsn: () => 0,
      places: () => [],
      ownNode: () => 'a',
      ownAddress: () => '',
      isWanted: () => false,
    },
    onHigherTerm: () => expect.fail('nobody has signed a term'),
  })
  onTestFinished(() => search.close())
  const flood = (): void => {
    for (let round = 0; round < 50; round += 1) for (const address of strangers) search.heard(address)
  }
  // the sockets are real, and only the timers are not
  const reach = async (wanted: number): Promise<void> => {
    while (count < wanted) await new Promise((resolve) => setImmediate(resolve))
    expect(count).toBe(wanted)
  }
  flood()
  await reach(1)
  vi.advanceTimersByTime(10_000)
  await reach(1 + maxHeardAddresses)
  // the next interval has begun
  flood()
  vi.advanceTimersByTime(9_000)
  expect(count).toBe(1 + maxHeardAddresses)
  vi.advanceTimersByTime(1_000)
  await reach(1 + 2 * maxHeardAddresses)
})
