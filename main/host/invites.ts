import type { FromHostedHub, ToHostedHub } from '../../shared/hosting.ts'
import { ShellError } from '../shell-error.ts'

type Answer = Extract<FromHostedHub, { t: 'invited' | 'not-invited' }>

/** Questions to the hub's process, each with its answer. */
export class Invites {
  readonly #send: (message: ToHostedHub) => void
  readonly #asked = new Map<number, { resolve: (code: string) => void; reject: (error: Error) => void }>()
  #nextId = 1

  constructor(send: (message: ToHostedHub) => void) {
    this.#send = send
  }

  ask(invite: { uses: number; days: number }): Promise<string> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#send({ t: 'invite', id, ...invite })
    })
  }

  answered(answer: Answer): void {
    const asked = this.#asked.get(answer.id)
    this.#asked.delete(answer.id)
    if (answer.t === 'invited') asked?.resolve(answer.code)
    else asked?.reject(new ShellError('conflict', answer.sentence))
  }

  /** The process that was asked is gone. */
  forget(): void {
    for (const { reject } of this.#asked.values()) {
      reject(new ShellError('conflict', 'The hub has stopped meanwhile. Start it, then try again.'))
    }
    this.#asked.clear()
  }
}
