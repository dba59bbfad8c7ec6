import type { Socket } from 'node:net'
import { errorStatus, HubError } from '../../shared/errors.ts'
import { securityHeaders } from '../../shared/page-headers.ts'

/**
 * Handles input that never becomes a request, because it is not HTTP, too slow or has too large a header: sends an
 * error of the hub.
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const wire = toParseError(error.code).toWire()
  const body = JSON.stringify({ error: wire })
  const head = [
    `HTTP/1.1 ${errorStatus[wire.code]} ${wire.code === 'too_large' ? 'Content Too Large' : 'Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function toParseError(code: string | undefined): HubError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HubError('too_large', 'The headers of this request are too large.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HubError('invalid', 'This request did not arrive in time. Send it again.')
  }
  return new HubError('invalid', 'Malformed request.')
}
