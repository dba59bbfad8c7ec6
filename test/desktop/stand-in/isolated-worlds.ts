// The code inside the page: the preload in an isolated world, as in Electron, and in the page's own world only what the
// preload exposes. Each function is sent as its source, so it cannot use outer variables.

/** Calls, callbacks and promises between the two worlds of a page, which share nothing but the events of a window. */
function createWorldBridge(out: string, into: string) {
  type Packed = Record<string, unknown>
  const functions = new Map<number, (...args: unknown[]) => unknown>()
  const promises = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  const results = new Map<number, { value?: Packed; error?: Packed }>()
  let next = 1

  const send = (message: object): void => {
    window.dispatchEvent(new CustomEvent(out, { detail: JSON.stringify(message) }))
  }

  const pack = (value: unknown): Packed => {
    if (value === undefined) return { kind: 'undefined' }
    if (typeof value === 'function') {
      const id = next++
      functions.set(id, value as () => unknown)
      return { kind: 'function', id }
    }
    if (value instanceof Promise) {
      const id = next++
      value.then(
        (result) => send({ settled: id, ok: true, value: pack(result) }),
        (error: unknown) => send({ settled: id, ok: false, value: pack(error) }),
      )
      return { kind: 'promise', id }
    }
    // as in the real bridge, only the message of an error crosses
    if (value instanceof Error) return { kind: 'error', message: value.message }
    if (Array.isArray(value)) return { kind: 'array', items: value.map(pack) }
    if (typeof value === 'object' && value !== null) {
      return {
        kind: 'object',
        members: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, pack(member)])),
      }
    }
    return { kind: 'plain', value }
  }

  /** As in the real bridge, what is exposed is frozen and results are not. */
  const unpack = (packed: Packed, isFrozen = false): unknown => {
    const seal = <T>(value: T): T => (isFrozen ? Object.freeze(value) : value)
    switch (packed['kind']) {
      case 'undefined':
        return undefined
      case 'function':
        return (...args: unknown[]) => call(packed['id'] as number, args)
      case 'promise':
        return new Promise((resolve, reject) => promises.set(packed['id'] as number, { resolve, reject }))
      case 'error':
        return new Error(packed['message'] as string)
      case 'array':
        return seal((packed['items'] as Packed[]).map((item) => unpack(item, isFrozen)))
      case 'object':
        return seal(
          Object.fromEntries(
            Object.entries(packed['members'] as Record<string, Packed>).map(([name, member]) => [
              name,
              unpack(member, isFrozen),
            ]),
          ),
        )
      default:
        return packed['value']
    }
  }

  const call = (id: number, args: unknown[]): unknown => {
    const callId = next++
    send({ call: id, asked: callId, args: args.map(pack) })
    const result = results.get(callId)
    results.delete(callId)
    if (result?.error) throw unpack(result.error)
    return result?.value ? unpack(result.value) : undefined
  }

  let exposed: (name: string, value: unknown) => void = () => undefined
  window.addEventListener(into, (event) => {
    event.stopImmediatePropagation()
    const message = JSON.parse((event as CustomEvent<string>).detail) as
      | { expose: string; value: Packed }
      | { answer: number; with: { value?: Packed; error?: Packed } }
      | { settled: number; ok: boolean; value: Packed }
      | { call: number; asked: number; args: Packed[] }
    if ('expose' in message) return exposed(message.expose, unpack(message.value, true))
    if ('answer' in message) return void results.set(message.answer, message.with)
    if ('settled' in message) {
      const promise = promises.get(message.settled)
      promises.delete(message.settled)
      if (message.ok) promise?.resolve(unpack(message.value))
      else promise?.reject(unpack(message.value))
      return
    }
    let result: { value: Packed } | { error: Packed }
    try {
      result = { value: pack(functions.get(message.call)?.(...message.args.map((arg) => unpack(arg)))) }
    } catch (error) {
      result = { error: pack(error) }
    }
    send({ answer: message.asked, with: result })
  })
  return {
    expose: (name: string, value: unknown) => send({ expose: name, value: pack(value) }),
    onExpose: (run: (name: string, value: unknown) => void) => (exposed = run),
  }
}

function pageWorld(wire: typeof createWorldBridge, toPreload: string, toPage: string): void {
  // the DevTools protocol does not show the bytes of a blob, which a real scheme gets
  const realFetch = window.fetch.bind(window)
  window.fetch = async (input, init) =>
    init?.body instanceof Blob
      ? realFetch(input, { ...init, body: await init.body.arrayBuffer() })
      : realFetch(input, init)
  const realSend = Reflect.get<XMLHttpRequest, 'send'>(XMLHttpRequest.prototype, 'send')
  XMLHttpRequest.prototype.send = function send(body) {
    if (!(body instanceof Blob)) return realSend.call(this, body)
    void body.arrayBuffer().then((bytes) => realSend.call(this, bytes))
  }
  if (window !== window.top) return
  wire(toPreload, toPage).onExpose((name, value) => {
    if (name !== 'open') return void Object.defineProperty(window, name, { value, enumerable: true })
    // a real popup would open before it can be refused; under Electron a refused one never opens
    const open = value as (url: string) => void
    window.open = (url = '') => {
      open(new URL(url, location.href).href)
      return null
    }
    window.addEventListener('click', (event) => {
      const link = event.composedPath().find((member) => member instanceof HTMLAnchorElement)
      if (event.defaultPrevented || link?.target !== '_blank') return
      event.preventDefault()
      open(link.href)
    })
  })
}

function preloadWorld(
  wire: typeof createWorldBridge,
  names: { toPreload: string; toPage: string; binding: string },
  { platform, argv }: { platform: string; argv: readonly string[] },
  run: (require: (name: string) => unknown, process: object) => void,
): void {
  if (window !== window.top) return
  const { expose } = wire(names.toPage, names.toPreload)
  const toShell = (message: object): void => {
    ;(globalThis as unknown as Record<string, (text: string) => void>)[names.binding]?.(
      JSON.stringify(message),
    )
  }
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, ((...args: unknown[]) => void)[]>()
  const ports = new Map<number, MessagePort>()
  let next = 1

  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = next++
        waiting.set(id, { resolve, reject })
        toShell({ invoke: id, channel, args })
      }),
    send: (channel: string, ...args: unknown[]) => toShell({ send: channel, args }),
    postMessage: (channel: string, message: unknown, transfer: MessagePort[] = []) => {
      const ids = transfer.map((port) => {
        const id = next++
        ports.set(id, port)
        port.onmessage = ({ data }) => toShell({ port: id, data: data as unknown })
        port.addEventListener('close', () => {
          if (ports.delete(id)) toShell({ port: id, closed: true })
        })
        return id
      })
      toShell({ send: channel, args: [message], ports: ids })
    },
    on: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
  }
  Object.defineProperty(globalThis, 'standIn', {
    value: {
      settle: (id: number, ok: boolean, value: unknown) => {
        const promise = waiting.get(id)
        waiting.delete(id)
        if (ok) promise?.resolve(value)
        else promise?.reject(new Error(String(value)))
      },
      hear: (channel: string, args: unknown[]) => {
        for (const listener of listeners.get(channel) ?? []) listener({}, ...args)
      },
      port: (id: number, data: unknown) => ports.get(id)?.postMessage(data),
      closePort: (id: number) => {
        const port = ports.get(id)
        ports.delete(id)
        port?.close()
      },
    },
  })
  expose('open', (url: unknown) => toShell({ open: String(url) }))
  run(
    (name) => {
      if (name === 'electron') return { ipcRenderer, contextBridge: { exposeInMainWorld: expose } }
      throw new Error(`a sandboxed preload has no module ${name}`)
    },
    { platform, argv, sandboxed: true },
  )
}

export interface WorldChannelNames {
  toPreload: string
  toPage: string
  binding: string
}

export function pageSource(names: WorldChannelNames): string {
  return `(${String(pageWorld)})(${String(createWorldBridge)}, ${JSON.stringify(names.toPreload)}, ${JSON.stringify(names.toPage)})`
}

export function preloadSource(names: WorldChannelNames, preload: string, argv: readonly string[]): string {
  const run = `(require, process) => { const module = { exports: {} }, exports = module.exports;\n${preload}\n}`
  return `(${String(preloadWorld)})(${String(createWorldBridge)}, ${JSON.stringify(names)}, ${JSON.stringify({ platform: process.platform, argv })}, ${run})`
}
