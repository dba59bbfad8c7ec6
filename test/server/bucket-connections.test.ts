import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { S3Client } from '../../server/file-storage/s3/client.ts'
import { S3Contents } from '../../server/file-storage/s3/contents.ts'
import { parseBucketAddress } from '../../server/files-address.ts'
import { s3Keys } from '../support/s3-server.ts'

const small = 'a small file'
const largeBytes = 64 * 1024 * 1024
const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex')

/** A store with two files: a small one, and a large one whose bytes do not end. */
async function startStore() {
  const state = { connections: 0, endedRequests: 0 }
  const server = createServer(({ url }, response) => {
    if (url?.endsWith(digestOf(small))) return void response.end(small)
    response.once('close', () => (state.endedRequests += 1))
    response.writeHead(200, { 'content-length': largeBytes }).write(Buffer.alloc(1024 * 1024))
  })
  server.on('connection', () => (state.connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new S3Client(parseBucketAddress(`s3://files?endpoint=${endpoint}`), s3Keys)
  onTestFinished(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return { state, contents: new S3Contents(client, 'no scratch') }
}

test('a file that nobody reads any more holds no connection to the bucket', async () => {
  const { state, contents } = await startStore()
  const large = digestOf('large')
  const { stream } = await contents.open(large)
  stream.destroy()
  await expect.poll(() => state.endedRequests, { timeout: 5_000 }).toBe(1)

  const served = await contents.serve(large, largeBytes).open({ start: 0, end: largeBytes - 1 })
  ;(served.stream as Readable).destroy()
  await expect.poll(() => state.endedRequests, { timeout: 5_000 }).toBe(2)

  const hasOtherSize = contents.serve(large, largeBytes + 1).open({ start: 0, end: largeBytes })
  await expect(hasOtherSize).rejects.toThrow()
  await expect.poll(() => state.endedRequests, { timeout: 5_000 }).toBe(3)
})

test('files that are read to their end share a connection', async () => {
  const { state, contents } = await startStore()
  for (let times = 0; times < 3; times += 1) {
    const { stream } = await contents.open(digestOf(small))
    expect(await text(stream)).toBe(small)
  }
  expect(state.connections).toBe(1)
})
