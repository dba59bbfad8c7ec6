import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HubContext } from './context.ts'
import { sendElsewhere } from './live/farewell.ts'

/*
 * Ends a process of a hub while others serve it, so that nobody notices:
 *
 * 1. It is not ready. A load balancer that asks has some seconds to notice it.
 * 2. It accepts no connections, so a proxy takes another process. What comes over open ones is answered as before, and each
 *    such connection ends with its response.
 * 3. Sockets close one after the other, so that their states are not all read at once elsewhere.
 * 4. Connections without a request are closed, and those with one get a moment.
 */

const maxNoticeMs = 5_000
const lastResponsesMs = 1_500

export async function drain(hub: HubContext, server: HttpServer, ms: number): Promise<void> {
  hub.log.info({ ms, connections: hub.live.connectionCount }, 'sockets go elsewhere')
  hub.draining.isOn = true
  const noticeMs = Math.min(maxNoticeMs, ms / 6)
  await sleep(noticeMs)
  hub.draining.hasStoppedListening = true
  const closed = once(server, 'close')
  // the method of http.Server closes idle connections too, at which a proxy may be sending a request
  Server.prototype.close.call(server)
  await sendElsewhere(hub.live, ms - noticeMs)
  server.closeIdleConnections()
  await Promise.race([closed, sleep(lastResponsesMs, undefined, { ref: false })])
}
