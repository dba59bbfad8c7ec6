import { errorCode } from './error-message.ts'

/** A token or a webhook: its secret is in the response that created it, and never again. */
interface Secret {
  id: string
  name: string
  usedAt?: number
}

interface SecretRequests<T> {
  list: () => Promise<readonly Secret[]>
  create: () => Promise<T>
  revoke: (id: string) => Promise<unknown>
}

/** Creates secrets. One whose response was lost is known to nobody: the next attempt revokes it. */
export class UnseenSecrets {
  #lost: { name: string; before: ReadonlySet<string> } | undefined

  /** @throws what the requests throw */
  async create<T>(name: string, { list, create, revoke }: SecretRequests<T>): Promise<T> {
    const lost = this.#lost
    const present = await list()
    const unseen = present.filter(
      (each) =>
        lost !== undefined &&
        each.name === lost.name &&
        each.usedAt === undefined &&
        !lost.before.has(each.id),
    )
    for (const { id } of unseen) await revoke(id)
    this.#lost = undefined
    try {
      return await create()
    } catch (error) {
      if (errorCode(error) === 'offline') this.#lost = { name, before: new Set(present.map(({ id }) => id)) }
      throw error
    }
  }
}
