import type { Input, RequestName } from '../../shared/contract.ts'
import type { LiveClient } from '../../test/support/live-client.ts'
import { RequestError, type TestUser } from '../../test/support/test-user.ts'
import { uploadFile } from '../../test/support/tus.ts'
import { type LaneConnection, NoAnswer } from '../kill/writer.ts'

export interface Refusals {
  onRefused: (code: string) => void
  onBadWords: (words: string) => void
}

/** Names of errors that say nothing to a user. */
const jargon = /SQLITE|\bE[A-Z]{3,}\b|Error:|undefined|\/ground\//

/**
 * A hub whose disk fails: a refusal counts as no answer, since a change that was refused with a full disk is sent again by the
 * same client.
 */
export class FailingConnection implements LaneConnection {
  readonly #user: TestUser
  #live: LiveClient | undefined
  readonly #refusals: Refusals

  constructor(user: TestUser, live: LiveClient | undefined, refusals: Refusals) {
    this.#user = user
    this.#live = live
    this.#refusals = refusals
  }

  async ask<N extends RequestName>(name: N, input: Input<N>): Promise<{ output: unknown }> {
    try {
      return { output: await (this.#live ?? this.#user).request(name, input) }
    } catch (error) {
      if (error instanceof RequestError) this.#note(error)
      else this.#live = undefined
      throw new NoAnswer()
    }
  }

  async upload(bytes: Buffer): Promise<string> {
    const { url, token } = this.#user
    try {
      return await uploadFile(url, token, { name: 'a.bin', bytes })
    } catch {
      this.#refusals.onRefused('an upload')
      throw new NoAnswer()
    }
  }

  #note({ code, error }: RequestError): void {
    this.#refusals.onRefused(code)
    if (jargon.test(error.message)) this.#refusals.onBadWords(error.message)
  }
}
