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
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const refusal = isLate ? late() : toParseError(error.code)
  writeError(socket, refusal, isLate ? 408 : errorStatus[refusal.code])
}

/** Ends a request whose body does not arrive. The client may repeat it. */
export function sendTimeout(socket: Socket, hasResponse: boolean): void {
  if (hasResponse || !socket.writable) socket.destroy()
  else writeError(socket, late(), 408)
}

/** Ends a handshake of a WebSocket that is not one. */
export function sendUpgradeError(socket: Socket): void {
  const error = new HubError('invalid', 'Malformed WebSocket handshake. The hub speaks version 13.')
  writeError(socket, error, errorStatus.invalid)
}

const reasons: Readonly<Record<number, string>> = { 408: 'Request Timeout', 413: 'Content Too Large' }

function writeError(socket: Socket, error: HubError, status: number): void {
  const body = JSON.stringify({ error: error.toWire() })
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function late(): HubError {
  return new HubError('busy', 'This request did not arrive in time. Send it again.')
}

function toParseError(code: string | undefined): HubError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HubError('too_large', 'The headers of this request are too large.')
  return new HubError('invalid', 'Malformed request.')
}
