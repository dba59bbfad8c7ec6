import type { Input, RequestName } from '../../shared/contract.ts'
import type { LiveClient } from '../../test/support/live-client.ts'
import { RequestError, type TestUser } from '../../test/support/test-user.ts'
import { TusRefusal, uploadFile } from '../../test/support/tus.ts'
import { type LaneConnection, NoAnswer } from './writer.ts'

/** A hub that is alone, by its socket if there is one, or over HTTP. */
export class HubConnection implements LaneConnection {
  readonly #user: TestUser
  readonly #live: LiveClient | undefined

  constructor(user: TestUser, live: LiveClient | undefined) {
    this.#user = user
    this.#live = live
  }

  async ask<N extends RequestName>(name: N, input: Input<N>): Promise<{ output: unknown }> {
    try {
      return { output: await (this.#live ?? this.#user).request(name, input) }
    } catch (error) {
      throw error instanceof RequestError ? error : new NoAnswer()
    }
  }

  async upload(bytes: Buffer): Promise<string> {
    const { url, token } = this.#user
    return uploadFile(url, token, { name: 'a.bin', bytes }).catch((error: unknown) => {
      throw error instanceof TusRefusal ? error : new NoAnswer()
    })
  }
}
