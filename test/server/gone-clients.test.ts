import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { openRawSocket } from '../support/raw-socket.ts'

test('requests of clients that have gone are dropped: they are no failure of the hub', async () => {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const hub = await startTestHub({
    publicUrl: new URL('https://chat.example.org'),
    log: pino({ level: 'warn' }, stream),
  })
  const request = [
    'GET /api/me HTTP/1.1',
    'Host: chat.example.org',
    'X-Forwarded-For: 192.0.2.7',
    'X-Forwarded-Proto: https',
  ]
  const bytes = `${request.join('\r\n')}\r\n\r\n`.repeat(40)
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(hub.url)))
  for (const socket of sockets) socket.on('error', () => {}).write(bytes, () => socket.resetAndDestroy())
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  // the last of them has had its turn
  for (let i = 0; i < 5; i += 1) await fetch(`${hub.url}/healthz`)
  await hub.close()
  expect(lines).toEqual([])
})
