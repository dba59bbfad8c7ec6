import type { Page } from 'playwright-core'
import type { RequestName } from '../../shared/contract.ts'
import { routes } from '../../renderer/connection/routes.ts'

/** The connection of a page, which a test can fail after the hub has committed a request. */
export interface LossyLine {
  /** The next request of this name takes effect, and its response is lost. */
  loseResponseOf: (name: RequestName) => void
  /** From now on no message of the hub arrives, and the socket stays open. */
  freeze: () => void
  /** Its messages arrive again, and first those that were held back. */
  thaw: () => void
  /** How many responses were lost. */
  lostCount: () => number
}

/** Call it before the page connects. */
export async function openLossyLine(page: Page): Promise<LossyLine> {
  let next: RequestName | undefined
  let lostCount = 0
  let isFrozen = false
  const held: (() => void)[] = []
  const lose = (): void => {
    next = undefined
    lostCount += 1
  }
  await page.routeWebSocket(/\/live/, (socket) => {
    const server = socket.connectToServer()
    let isCutting = false
    socket.onMessage((frame) => {
      if (next !== undefined && String(frame).includes(`"${next}"`)) {
        isCutting = true
        lose()
      }
      server.send(frame)
    })
    server.onMessage((frame) => {
      if (isCutting) void socket.close()
      else if (isFrozen) held.push(() => socket.send(frame))
      else socket.send(frame)
    })
  })
  await page.route(/\/api\//, async (route, request) => {
    const [method, path] = next === undefined ? [] : routes[next]
    if (request.method() !== method || new URL(request.url()).pathname !== path) return route.fallback()
    lose()
    await route.fetch()
    return route.abort()
  })
  return {
    loseResponseOf: (name) => (next = name),
    freeze: () => (isFrozen = true),
    thaw: () => {
      isFrozen = false
      for (const send of held.splice(0)) send()
    },
    lostCount: () => lostCount,
  }
}
