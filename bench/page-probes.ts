// What the measurements of `page.ts` run within the page.

/** What the measurements use of the page's root element: the page is type-checked by its own tsconfig.json. */
export interface AppElement extends HTMLElement {
  hub: {
    chats: { list: { peek: () => { id: string; name?: string | null }[] } }
    keptChatCount: number
  }
  router: { navigate: (to: { page: 'chat'; chatId: string }) => void }
}

export interface Timing {
  ms: number
  limitMs: number
}

interface Probes {
  shell(): ShadowRoot
  list(): ShadowRoot | undefined
  nextTask(): Promise<void>
  /** Clones the content of an element, lays the clone out, and returns how long that took. */
  layOutAgain(content: Element): number
}

export function installProbes(): void {
  const channel = new MessageChannel()
  let resolveTask: (() => void) | undefined
  channel.port1.onmessage = () => resolveTask?.()
  const rootOf = (element: Element | null | undefined): ShadowRoot | undefined =>
    element?.shadowRoot ?? undefined
  const probes: Probes = {
    shell: () =>
      rootOf(
        document.querySelector<AppElement>('hb-app')?.shadowRoot?.querySelector('hb-shell'),
      ) as ShadowRoot,
    list: () => {
      const conversation = rootOf(probes.shell().querySelector('hb-conversation'))
      const timeline = rootOf(conversation?.querySelector('hb-timeline'))
      return rootOf(timeline?.querySelector('hb-message-list'))
    },
    nextTask: () =>
      new Promise((resolve) => {
        resolveTask = resolve
        channel.port2.postMessage(0)
      }),
    layOutAgain: (content) => {
      const copy = content.cloneNode(true) as HTMLElement
      const parent = content.parentElement as HTMLElement
      const startedAt = performance.now()
      content.remove()
      parent.append(copy)
      void parent.scrollHeight
      const took = performance.now() - startedAt
      copy.remove()
      parent.prepend(content)
      void parent.scrollHeight
      return took
    },
  }
  Object.assign(window, { probes })
}

export async function switchTo(name: string): Promise<Timing> {
  const { probes } = window as unknown as { probes: Probes }
  const chats = document.querySelector<AppElement>('hb-app')?.hub.chats
  const chat = chats?.list.peek().find((each) => each.name === name)
  const app = document.querySelector<AppElement>('hb-app')
  const label = `#${name}`
  const startedAt = performance.now()
  // As a press on the row does, which the long list may not have drawn.
  app?.router.navigate({ page: 'chat', chatId: chat?.id ?? '' })
  const isShown = (): boolean => {
    const list = probes.list()
    const host = list?.host as (Element & { label?: string }) | undefined
    return (host?.label?.includes(name) ?? false) && (list?.querySelector('article') ?? null) !== null
  }
  while (!isShown()) {
    if (performance.now() - startedAt > 10_000) throw new Error(`${label} did not open`)
    await probes.nextTask()
  }
  const content = probes.list()?.querySelector('#content') as HTMLElement
  void content.offsetHeight
  const ms = performance.now() - startedAt
  await new Promise((resolve) => requestAnimationFrame(resolve))
  return { ms, limitMs: probes.layOutAgain(content) }
}

export async function timeOfStart(): Promise<{ rowsMs: number; completeMs: number }> {
  const { probes } = window as unknown as { probes: Probes }
  const rows = (): Element | null | undefined =>
    document.querySelector<AppElement>('hb-app')?.shadowRoot?.querySelector('hb-shell') &&
    probes.list()?.querySelector('article')
  while (!rows()) await probes.nextTask()
  const rowsMs = performance.now()
  const mark = (): PerformanceEntry | undefined => performance.getEntriesByName('hubbub-first-screen')[0]
  while (!mark()) await new Promise((resolve) => requestAnimationFrame(resolve))
  return { rowsMs, completeMs: mark()?.startTime ?? NaN }
}

export async function searchFor(text: string): Promise<Timing> {
  const { probes } = window as unknown as { probes: Probes }
  const search = [
    ...probes.shell().querySelectorAll<HTMLElement & { updateComplete: Promise<boolean> }>('hb-search'),
    ...(probes
      .shell()
      .querySelector('hb-conversation')
      ?.shadowRoot?.querySelectorAll<HTMLElement & { updateComplete: Promise<boolean> }>('hb-search') ?? []),
  ][0]
  const root = search?.shadowRoot as ShadowRoot
  const field = root.querySelector('input') as HTMLInputElement
  field.value = text.slice(0, -1)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await new Promise((resolve) => setTimeout(resolve, 60))
  const startedAt = performance.now()
  field.value = text
  field.dispatchEvent(new Event('input', { bubbles: true }))
  await search?.updateComplete
  const results = root.querySelector('.scroll') as HTMLElement
  void results.scrollHeight
  const ms = performance.now() - startedAt
  await new Promise((resolve) => requestAnimationFrame(resolve))
  const content = results.firstElementChild
  return { ms, limitMs: content ? probes.layOutAgain(results.querySelector('.hits') ?? content) : 0.1 }
}

/** Scrolls the list back by this many messages, as fast as a wheel, and returns the length of each frame. */
export async function scrollBack(count: number): Promise<number[]> {
  const { probes } = window as unknown as { probes: Probes }
  const scroller = probes.list()?.querySelector('#scroller') as HTMLElement
  const list = probes.list()?.host as (Element & { items: readonly { no?: number }[] }) | undefined
  const numberOfFirst = (): number => list?.items[0]?.no ?? 0
  while (numberOfFirst() === 0) await probes.nextTask()
  const target = Math.max(1, numberOfFirst() - count)
  const frames: number[] = []
  let before = performance.now()
  while (numberOfFirst() > target) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const now = performance.now()
    frames.push(now - before)
    before = now
    scroller.scrollBy(0, -300)
    if (frames.length > 20_000) throw new Error('the list does not go on')
  }
  return frames
}
