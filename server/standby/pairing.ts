import { randomInt } from 'node:crypto'
import type { StandbyRequest } from '../../shared/contract/standbys.ts'
import { HubError } from '../../shared/errors.ts'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { shortenLine } from '../../shared/text/names.ts'
import { isSignedBy, nodeIdOf, signedTexts } from '../continuity/node-key.ts'
import { sha256 } from '../ids.ts'

/*
 * Adding a computer: the owner creates a code, the other computer gives it, and the owner approves the computer by its
 * fingerprint. A code is used once, for ten minutes, and five wrong attempts end it. All of it is in memory: a restart
 * of the hub ends what was not approved.
 */

/** Without signs that look alike: 50 bits in ten of them. */
const codeAlphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
const codeLength = 10
const codeLifetimeMs = 10 * 60_000
const maxAttempts = 5
const maxRequests = 8
const maxNameLength = 60

export interface JoinInput {
  code: string
  node: string
  key: string
  name: string
  kind: 'standby' | 'vote'
  sig: string
}

export interface Waiting extends StandbyRequest {
  key: Buffer
}

interface Code {
  hash: Buffer
  kind: 'standby' | 'vote'
  expiresAt: number
  attemptsLeft: number
}

export class Pairing {
  readonly #hubId: string
  readonly #clock: () => number
  #code: Code | undefined
  readonly #waiting = new Map<string, Waiting>()

  constructor(hubId: string, clock: () => number) {
    this.#hubId = hubId
    this.#clock = clock
  }

  newCode(kind: 'standby' | 'vote'): { code: string; expiresAt: number } {
    const code = Array.from({ length: codeLength }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join(
      '',
    )
    const expiresAt = this.#clock() + codeLifetimeMs
    this.#code = { hash: sha256(code), kind, expiresAt, attemptsLeft: maxAttempts }
    return { code, expiresAt }
  }

  /** @throws HubError if the code or the signature is wrong */
  join(input: JoinInput, address: string): Waiting {
    const known = this.#code
    if (!known || known.expiresAt <= this.#clock()) throw wrongCode()
    const code = input.code.trim().toLowerCase()
    if (!sha256(code).equals(known.hash)) {
      known.attemptsLeft -= 1
      if (known.attemptsLeft <= 0) this.#code = undefined
      throw wrongCode()
    }
    const key = Buffer.from(input.key, 'base64url')
    const isGenuine = isSignedBy(key, signedTexts.join(this.#hubId, code), input.sig)
    if (!isGenuine || nodeIdOf(key) !== input.node)
      throw new HubError('invalid', 'The signature of this computer is wrong.')
    if (input.kind !== known.kind)
      throw new HubError('invalid', `This code is for a ${known.kind === 'vote' ? 'vote' : 'standby'}.`)
    this.#code = undefined
    const { node, kind } = input
    // it is shown next to the words that the owner compares: it must not move or hide them at a terminal
    const name = shortenLine(input.name, maxNameLength) || 'Computer'
    const waiting = { node, name, kind, address, words: [...fingerprintWords(node)], at: this.#clock(), key }
    this.#waiting.set(node, waiting)
    // the oldest that nobody approved
    if (this.#waiting.size > maxRequests) this.#waiting.delete(this.#waiting.keys().next().value as string)
    return waiting
  }

  list(): StandbyRequest[] {
    this.#forgetOld()
    return [...this.#waiting.values()].map(({ key: _key, ...request }) => request)
  }

  /** Ends a request. @throws HubError if there is none */
  take(node: string): Waiting {
    this.#forgetOld()
    const waiting = this.#waiting.get(node)
    if (!waiting) throw new HubError('not_found', 'This computer is no longer waiting. Create a new link.')
    this.#waiting.delete(node)
    return waiting
  }

  #forgetOld(): void {
    for (const [node, { at }] of this.#waiting)
      if (at + codeLifetimeMs <= this.#clock()) this.#waiting.delete(node)
  }
}

function wrongCode(): HubError {
  return new HubError(
    'forbidden',
    'This code is wrong or has expired. Create a new one on the page of the hub, under standby computers.',
  )
}
