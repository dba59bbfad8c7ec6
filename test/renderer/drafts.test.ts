// Drafts in several tabs, without a browser: channels deliver late and in any mixture with typing.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChannelLike, Clock } from '../../renderer/connection/platform.ts'
import { RequestError } from '../../renderer/connection/request.ts'
import { Drafts } from '../../renderer/state/drafts.ts'

const place = { chatId: 'chat' }

/** Tabs that hear each other only when the test delivers. */
class Tabs {
  now = 1_000
  readonly #timers = new Map<number, { at: number; run: () => void }>()
  readonly #channels: ChannelLike[] = []
  readonly #waiting: (() => void)[] = []
  #count = 0

  open(drafts = new Map<string, unknown>(), meta = new Map<string, unknown>()): Drafts {
    return new Drafts({
      name: 'tabs',
      cache: { put: (store, key, value) => void (store === 'meta' ? meta : drafts).set(key, value) },
      clock: this.#clock,
      openChannel: () => this.#openChannel(),
      request: () => Promise.reject(new RequestError('offline', 'no hub')),
      isLive: () => false,
      newTabId: () => `tab${(this.#count += 1)}`,
      content: { drafts, meta },
    })
  }

  /** Time passes: what is due is sent. */
  wait(ms: number): void {
    this.now += ms
    for (const [id, { at, run }] of [...this.#timers].sort(([, a], [, b]) => a.at - b.at)) {
      if (at <= this.now && this.#timers.delete(id)) run()
    }
  }

  deliver(): void {
    for (const run of this.#waiting.splice(0)) run()
  }

  settle(): void {
    for (let round = 0; round < 10; round += 1) {
      this.wait(200)
      this.deliver()
    }
  }

  readonly #clock: Clock = {
    now: () => this.now,
    setTimeout: (run, ms) => {
      this.#timers.set(++this.#count, { at: this.now + ms, run })
      return this.#count
    },
    clearTimeout: (timer) => void this.#timers.delete(timer as number),
  }

  #openChannel(): ChannelLike {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#channels)
          if (other !== channel) this.#waiting.push(() => other.onmessage?.({ data: structuredClone(data) }))
      },
      close: () => undefined,
    }
    this.#channels.push(channel)
    return channel
  }
}

test('a draft that was sent is gone in every tab, whatever was on its way', () => {
  const tabs = new Tabs()
  const [one, two] = [tabs.open(), tabs.open()]
  one.set(place, 'hello')
  tabs.settle()
  expect(two.get('chat')).toBe('hello')
  one.set(place, 'hello you')
  one.send(place)
  tabs.settle()
  expect([one.get('chat'), two.get('chat')]).toEqual(['', ''])
  two.set(place, 'more')
  tabs.settle()
  expect(one.get('chat')).toBe('more')
  // The other tab typed on while the draft was sent: what it added remains.
  one.send(place)
  two.set(place, 'more bread')
  tabs.settle()
  expect([one.get('chat'), two.get('chat')]).toEqual(['bread', 'bread'])
})

test('a chat knows the latest draft in its threads, until it is sent or emptied', () => {
  const tabs = new Tabs()
  const [one, two] = [tabs.open(), tabs.open()]
  const [first, second] = [
    { chatId: 'chat', thread: 'first' },
    { chatId: 'chat', thread: 'second' },
  ]
  one.set(first, 'a reply')
  one.set(second, 'another')
  tabs.settle()
  expect([one.getInThreads('chat'), two.getInThreads('chat')]).toEqual(['another', 'another'])
  expect([one.get('chat'), one.getInThreads('other')]).toEqual(['', ''])
  one.send(second)
  tabs.settle()
  expect([one.getInThreads('chat'), two.getInThreads('chat')]).toEqual(['a reply', 'a reply'])
  two.set(first, ' ')
  tabs.settle()
  expect([one.getInThreads('chat'), two.getInThreads('chat')]).toEqual(['', ''])
})

test('tabs that type at the same time agree and lose nothing, in any order of typing and hearing', () => {
  const step = fc.constantFrom('one', 'two', 'three', 'deliver', 'wait')
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const tabs = new Tabs()
      const drafts = { one: tabs.open(), two: tabs.open(), three: tabs.open() }
      const typed: Record<string, number> = { one: 0, two: 0, three: 0 }
      const letters: Record<string, string> = { one: 'a', two: 'b', three: 'c' }
      for (const each of steps) {
        if (each === 'deliver') tabs.deliver()
        else if (each === 'wait') tabs.wait(200)
        else {
          const draft = drafts[each]
          typed[each] = (typed[each] ?? 0) + 1
          draft.set(place, draft.get('chat') + letters[each])
        }
      }
      tabs.settle()
      const texts = Object.values(drafts).map((draft) => draft.get('chat'))
      expect(new Set(texts).size).toBe(1)
      for (const [name, letter] of Object.entries(letters)) {
        const count = [...(texts[0] ?? '')].filter((each) => each === letter).length
        expect(count).toBeGreaterThanOrEqual(typed[name] ?? 0)
      }
    }),
    { numRuns: 500 },
  )
})

test('a draft that was typed without the hub is there after a restart', () => {
  const [drafts, meta] = [new Map<string, unknown>(), new Map<string, unknown>()]
  new Tabs().open(drafts, meta).set(place, 'typed just now')
  expect([...drafts]).toEqual([['chat', 'typed just now']])
  expect(new Tabs().open(drafts, meta).get('chat')).toBe('typed just now')
  // After a logout only the text is left.
  expect(new Tabs().open(drafts).get('chat')).toBe('typed just now')
  // Of an earlier release.
  expect(new Tabs().open(new Map([['chat', 'old']])).get('chat')).toBe('old')
})

test('a draft that two tabs send has one version, and no version is sent twice', () => {
  const tabs = new Tabs()
  const [one, two] = [tabs.open(), tabs.open()]
  one.set(place, 'hello')
  tabs.wait(200)
  tabs.deliver()
  const sent = [one.send(place)?.from, two.send(place)?.from]
  expect(sent[0]).toEqual(sent[1])
  tabs.settle()
  // the same words again are another message, typed at once or after a restart without the hub
  const [drafts, meta] = [new Map<string, unknown>(), new Map<string, unknown>()]
  const hubDraft = { chatId: 'chat', text: 'ok', version: 'phone.1', at: 1 }
  const send = (tab: Drafts) => tab.send(place)?.from ?? []
  const all: string[] = []
  for (let restart = 0; restart < 3; restart += 1) {
    const tab = new Tabs().open(drafts, meta)
    tab.applyHint({ t: 'draft', draft: hubDraft })
    for (let i = 0; i < 2; i += 1) {
      tab.set(place, 'ok')
      all.push(...send(tab))
    }
  }
  expect(all.length).toBeGreaterThanOrEqual(6)
  expect(new Set(all).size).toBe(all.length)
  // what was typed last is part of the version
  const tab = new Tabs().open()
  tab.set(place, 'one')
  const first = send(tab)
  tab.set(place, 'two')
  expect(send(tab)).not.toEqual(first)
  expect(tab.send(place)).toBe(undefined)
})
