import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pino } from 'pino'
import { Bus } from '../../server/cluster/bus.ts'
import type { LineEvents, Notice, Wire } from '../../server/db/cluster-link.ts'

/* How long turns of the bus gather, by a clock of the test. */

beforeEach(() =>
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  }),
)
afterEach(() => vi.useRealTimers())

const log = pino({ level: 'silent' })
const travelMs = 1
const notice: Notice = { t: 'hello' }

/** A line between buses of this process. `sent` counts turns; each reaches all buses. */
function createWire(): Wire & { sent: number } {
  const lines = new Set<LineEvents>()
  const wire = {
    name: 'test',
    maxLength: 8_000,
    sent: 0,
    open: (events: LineEvents) => {
      lines.add(events)
      const send = (text: string): void => {
        wire.sent += 1
        setTimeout(() => lines.forEach(({ onText }) => onText(text)), travelMs)
      }
      return Promise.resolve({ send, close: () => Promise.resolve() })
    },
  }
  return wire
}

async function openBuses(count: number) {
  const wire = createWire()
  const waitedMs: number[] = []
  let heard = 0
  const buses: Bus[] = []
  const publishedAt = new Map<string, number[]>()
  for (let i = 0; i < count; i += 1) {
    const bus = new Bus(wire, `process-${i}`, log)
    publishedAt.set(`process-${i}`, [])
    await bus.open({
      onTurn: (from, notices) => {
        heard += notices.length
        // by the first process that hears them
        const times = publishedAt.get(from)?.splice(0, notices.length) ?? []
        waitedMs.push(...times.map((at) => performance.now() - at))
      },
      onMissed: () => undefined,
      onLag: () => undefined,
    })
    buses.push(bus)
  }
  const publish = (at: number): void => {
    publishedAt.get(`process-${at}`)?.push(performance.now())
    buses[at]?.publish(notice)
  }
  return { wire, publish, waitedMs, heardCount: () => heard }
}

test('a turn leaves at once while turns are rare', async () => {
  const { wire, publish, waitedMs } = await openBuses(4)
  for (let i = 0; i < 40; i += 1) {
    publish(i % 4)
    await vi.advanceTimersByTimeAsync(25)
  }
  expect(wire.sent).toBe(40)
  expect(Math.max(...waitedMs)).toBe(travelMs)
})

test('under load the turns of all processes gather, and none waits longer than 15 ms', async () => {
  const { wire, publish, waitedMs, heardCount } = await openBuses(4)
  const perMs = 0.8
  const durationMs = 2_000
  let published = 0
  for (let ms = 0; ms < durationMs; ms += 1) {
    for (; published < ms * perMs; published += 1) publish(published % 4)
    await vi.advanceTimersByTimeAsync(1)
  }
  await vi.advanceTimersByTimeAsync(100)
  expect(heardCount()).toBe(published * 3)
  expect(wire.sent).toBeLessThan((4 * durationMs) / 13)
  expect(Math.max(...waitedMs)).toBeLessThanOrEqual(15 + travelMs)
})
