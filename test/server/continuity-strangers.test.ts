import { zstdCompressSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { frameHeaderBytes, frameTypes, maxBodyBytes } from '../../server/continuity/frame.ts'
import { loadNodeKey, signedTexts, signText } from '../../server/continuity/node-key.ts'
import { Pairing } from '../../server/standby/pairing.ts'
import { openStream } from '../../server/standby/pinned.ts'
import { startPair } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'

/** A frame of a few kilobytes that unpacks to the longest body. */
function makeBomb(): Buffer {
  const body = zstdCompressSync(Buffer.alloc(maxBodyBytes))
  const header = Buffer.alloc(frameHeaderBytes)
  header[0] = frameTypes.hello
  header[1] = 1
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

test('a stranger makes the hub unpack nothing large', async () => {
  const { hub } = await startPair()
  const hubId = hub.hub?.hub.hubId ?? ''
  const { socket } = await openStream({ address: `127.0.0.1:${hub.port}`, hubId })
  onTestFinished(() => socket.terminate())
  const bomb = makeBomb()
  const before = process.memoryUsage().arrayBuffers
  let highest = 0
  const meter = setInterval(() => (highest = Math.max(highest, process.memoryUsage().arrayBuffers)), 1)
  onTestFinished(() => clearInterval(meter))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.send(Buffer.concat(Array.from({ length: Math.floor(65_000 / bomb.length) }, () => bomb)))
  await closed
  expect(highest - before).toBeLessThan(maxBodyBytes)
})

test('the name of a computer that asks cannot hide or move the words that the owner compares', () => {
  const { id: node, key, spki } = loadNodeKey(newDataDir())
  const pairing = new Pairing('hub', () => 0)
  const join = (name: string): string => {
    const { code } = pairing.newCode('standby')
    const sig = signText(key, signedTexts.join('hub', code))
    const input = { code, node, key: spki.toString('base64url'), name, kind: 'standby', sig } as const
    return pairing.join(input, '10.0.0.5').name
  }
  expect(join('Yard\u001b[8m\r\n\u202eloft')).toMatch(/^Yard [^\p{C}]+loft$/u)
  expect(join('\u0007\u009b')).toBe('Computer')
  expect(join('Ann’s laptop 💻')).toBe('Ann’s laptop 💻')
})
