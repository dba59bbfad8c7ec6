import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import type { HubContext } from '../context.ts'
import { tooManyWaiting, type Turns } from '../turns.ts'
import { wrongContentType } from './errors.ts'

/** Reading a smaller body takes less time than the rest of its request. */
const largeBodyBytes = 16 * 1024
/** Bytes of the bodies of one address that may wait for their turn. */
const maxWaitingBytes = 8 * 1024 * 1024

type Done = (error: Error | null, value?: unknown) => void

/** Accepts only JSON in UTF-8. The contract checks its content. */
export function registerJsonParser(app: FastifyInstance, { turns }: HubContext): void {
  const largeBodies = new LargeBodies(turns)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const read = (): void => readJson(request, body as Buffer, done)
    if (body.length < largeBodyBytes) read()
    else if (!largeBodies.wait(request.clientAddress, body.length, read)) done(tooManyWaiting())
  })
}

/**
 * Large bodies are read and checked in turns of the address that they came from: some hundreds at once would otherwise
 * stop everybody for seconds, before any of them has shown a session.
 */
class LargeBodies {
  readonly #turns: Turns
  readonly #waitingBytes = new Map<string, number>()

  constructor(turns: Turns) {
    this.#turns = turns
  }

  /** Returns false if too much of this address waits already. */
  wait(address: string, bytes: number, read: () => void): boolean {
    const waiting = (this.#waitingBytes.get(address) ?? 0) + bytes
    if (waiting > maxWaitingBytes) return false
    const isTaken = this.#turns.wait(address, () => {
      const left = (this.#waitingBytes.get(address) ?? 0) - bytes
      if (left > 0) this.#waitingBytes.set(address, left)
      else this.#waitingBytes.delete(address)
      read()
    })
    if (isTaken) this.#waitingBytes.set(address, waiting)
    return isTaken
  }
}

function readJson(request: FastifyRequest, body: Buffer, done: Done): void {
  if (body.length === 0) return done(null, undefined)
  if (request.headers['tus-resumable'] !== undefined) return done(wrongContentType())
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    return done(
      new HubError('invalid', 'The hub takes no compressed bodies. Send JSON without content-encoding.'),
    )
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return done(new HubError('invalid', 'The body is not JSON.'))
  }
  done(null, value)
}
