import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { AddressConnections } from '../../server/net/address-connections.ts'

const limit = 2_000

function openFrom(connections: AddressConnections, address: string, count: number) {
  const open = () => Object.assign(new EventEmitter(), { remoteAddress: address }) as unknown as Socket
  const sockets = Array.from({ length: count }, open)
  return { sockets, accepted: sockets.filter((socket) => connections.accepts(socket)).length }
}

test('an address has so many connections at most, and others are not limited by it', () => {
  const connections = new AddressConnections((address) => address === '10.0.0.1')
  const { sockets, accepted } = openFrom(connections, '10.0.0.66', limit + 10)
  expect(accepted).toBe(limit)
  expect(openFrom(connections, '::ffff:10.0.0.66', 1).accepted).toBe(0)
  expect(openFrom(connections, '10.0.0.7', 1).accepted).toBe(1)
  for (const socket of sockets.slice(0, 3)) socket.emit('close')
  expect(openFrom(connections, '10.0.0.66', 5).accepted).toBe(3)
})

test('addresses of the internet count by their /64, those of a private network each; this computer and proxies are not counted', () => {
  const connections = new AddressConnections((address) => address === '10.0.0.1')
  expect(openFrom(connections, '2001:db8::1', limit).accepted).toBe(limit)
  expect(openFrom(connections, '2001:db8::2', 1).accepted).toBe(0)
  expect(openFrom(connections, 'fd00::1', limit).accepted).toBe(limit)
  expect(openFrom(connections, 'fd00::2', 1).accepted).toBe(1)
  for (const address of ['127.0.0.1', '::1', '10.0.0.1'])
    expect(openFrom(connections, address, limit + 1).accepted).toBe(limit + 1)
})
