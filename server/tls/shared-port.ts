import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer, type SecureContext, type Server as TlsServer, type TLSSocket } from 'node:tls'
import type { Credentials } from './issued.ts'

/** Time limit from connecting to the first byte, and from there to the end of the handshake. */
const defaultHandshakeTimeoutMs = 10_000
/** The first byte of a TLS record that begins a handshake. No HTTP request begins with it. */
const tlsHandshakeByte = 0x16

export interface SharedPort {
  /** Replaces the certificates for new connections; open connections stay as they are. */
  setCredentials: (credentials: Credentials) => void
  /** Accepts no more connections, and closes those that have not begun to speak HTTP. */
  close: () => void
}

export interface PortOptions {
  credentials: Credentials
  /** Returns the context for clients that request this name; undefined for the default. */
  contextFor: (name: string) => SecureContext | undefined
  /** Returns true if the connection is accepted at all. */
  accepts: (socket: Socket) => boolean
  /** Returns the text for a connection that is not accepted; undefined closes it without a response. */
  refusalFor?: (socket: Socket) => string | undefined
  /** Tests shorten it. */
  handshakeTimeoutMs?: number
}

/** The minimum version. Every browser that can run the page supports it, and so do Node, curl and the app. */
export const tlsOptions = { minVersion: 'TLSv1.3' } as const

/**
 * Makes an HTTP server accept TLS on the same port: the first byte of a connection tells which it is. After that the
 * server treats both alike, with the same time limits and the same way of closing.
 */
export function shareWithTls(
  server: Server,
  {
    credentials,
    contextFor,
    accepts,
    refusalFor,
    handshakeTimeoutMs = defaultHandshakeTimeoutMs,
  }: PortOptions,
): SharedPort {
  const serve = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  const begin = (socket: Socket): void => {
    for (const listener of serve) listener.call(server, socket)
  }
  const secure = tlsServer({ ...credentials, handshakeTimeout: handshakeTimeoutMs }, contextFor)
  /** Sockets by their addresses and ports: a TLS server does not say from which socket it created one. */
  const pending = new Map<string, Socket>()
  let closing = false
  secure.on('secureConnection', (socket: TLSSocket) => {
    pending.delete(socketKey(socket))
    begin(socket)
  })

  server.on('connection', (socket: Socket) => {
    if (closing || !accepts(socket)) {
      refuse(socket, closing ? undefined : refusalFor?.(socket))
      return
    }
    const name = socketKey(socket)
    pending.set(name, socket)
    socket.once('close', () => pending.delete(name))
    readFirstByte(socket, handshakeTimeoutMs, {
      onTls: () => secure.emit('connection', socket),
      onPlain: () => {
        pending.delete(name)
        begin(socket)
      },
    })
  })

  return {
    setCredentials: ({ cert, key }) => secure.setSecureContext({ cert, key, ...tlsOptions }),
    close: () => {
      closing = true
      for (const socket of pending.values()) socket.destroy()
    },
  }
}

const refusalTimeoutMs = 2_000

/** Tells a client that uses plain HTTP why it is refused. Its request is not parsed, and no TLS handshake begins. */
function refuse(socket: Socket, text: string | undefined): void {
  const hangUp = (): void => void socket.destroy()
  if (text === undefined) return hangUp()
  const head = [
    'HTTP/1.1 403 Forbidden',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  readFirstByte(socket, refusalTimeoutMs, {
    onTls: hangUp,
    // the rest is read and dropped: unread bytes would turn the end into a reset, and the client would lose the
    // response
    onPlain: () => {
      socket.on('error', hangUp)
      socket.setTimeout(refusalTimeoutMs, hangUp)
      socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
    },
  })
}

/** Calls one of the two with the unread bytes, or closes the socket of a client that sends nothing in time. */
function readFirstByte(
  socket: Socket,
  timeoutMs: number,
  { onTls, onPlain }: { onTls: () => void; onPlain: () => void },
): void {
  const hangUp = (): void => void socket.destroy()
  // a client that hangs up here has sent no request
  socket.on('error', hangUp)
  socket.setTimeout(timeoutMs, hangUp)
  socket.once('end', hangUp)
  socket.once('data', (bytes: Buffer) => {
    socket.off('end', hangUp)
    socket.setTimeout(0)
    socket.off('timeout', hangUp)
    socket.pause()
    socket.unshift(bytes)
    if (bytes[0] === tlsHandshakeByte) {
      // a half-closed connection cannot finish a handshake
      socket.allowHalfOpen = false
      onTls()
      return
    }
    socket.off('error', hangUp)
    onPlain()
    socket.resume()
  })
}

function tlsServer(
  credentials: Credentials & { handshakeTimeout: number },
  contextFor: PortOptions['contextFor'],
): TlsServer {
  const secure = createServer({
    ...credentials,
    ...tlsOptions,
    SNICallback: (name, done) => done(null, contextFor(name)),
    ALPNProtocols: ['http/1.1'],
  })
  // the bytes are no handshake, or came too slowly
  secure.on('tlsClientError', (_error, socket) => socket.destroy())
  return secure
}

function socketKey({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
