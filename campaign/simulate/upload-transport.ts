import type { HttpRequest, HttpResponse } from 'tus-js-client'
import type { Platform, UploadTransport } from '../../renderer/connection/platform.ts'
import { origin } from './hub.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Sends the files of a tab over its network. In a browser tus does it by XMLHttpRequest, in Node by sockets. */
export function uploadTransport(fetch: Platform['fetch'], time: VirtualTime): UploadTransport {
  return {
    baseAddress: `${origin}/`,
    tus: {
      httpStack: {
        createRequest: (method, url) => new TabRequest({ fetch, time, method, url }),
        getName: () => 'TabRequest',
      },
      fileReader: {
        openFile: (content: Blob) =>
          Promise.resolve({
            size: content.size,
            slice: (start, end) =>
              Promise.resolve({ value: content.slice(start, end), done: end >= content.size }),
            close: () => undefined,
          }),
      },
    },
  }
}

interface TabRequestOptions {
  fetch: Platform['fetch']
  time: VirtualTime
  method: string
  url: string
}

class TabRequest implements HttpRequest {
  readonly #options: TabRequestOptions
  readonly #headers: Record<string, string> = {}
  readonly #abort = new AbortController()

  constructor(options: TabRequestOptions) {
    this.#options = options
  }

  getMethod(): string {
    return this.#options.method
  }

  getURL(): string {
    return this.#options.url
  }

  setHeader(name: string, value: string): void {
    this.#headers[name.toLowerCase()] = value
  }

  getHeader(name: string): string | undefined {
    return this.#headers[name.toLowerCase()]
  }

  setProgressHandler(): void {
    // the history does not look at progress
  }

  async send(body: Blob | null): Promise<HttpResponse> {
    const { fetch, time, method, url } = this.#options
    const bytes = body ? new Uint8Array(await time.hold(() => body.arrayBuffer())) : undefined
    const response = await fetch(url, {
      ...{ method, headers: this.#headers, signal: this.#abort.signal },
      ...(bytes ? { body: bytes } : {}),
    })
    const text = await response.text()
    return {
      getStatus: () => response.status,
      getHeader: (name) => response.headers.get(name) ?? undefined,
      getBody: () => text,
      getUnderlyingObject: () => response,
    }
  }

  abort(): Promise<void> {
    this.#abort.abort()
    return Promise.resolve()
  }

  getUnderlyingObject(): undefined {
    return undefined
  }
}
