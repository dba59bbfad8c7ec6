import { randomUUID } from 'node:crypto'
import type { SimulatedHub } from './hub.ts'
import type { StepContext } from './step-context.ts'
import type { Step, StepKindOf } from './steps.ts'
import { password } from './team.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * What the owner of the hub does, and programs, next to the pages. Their requests go to the hub directly. Cy is the one whose
 * account is closed: when the history ends, it is open again.
 */

const maxNewUsers = 2
/** Until a limit of requests is over. */
const reopenDelayMs = 20_000
const maxReopenTries = 20

interface OwnerStepsOptions {
  context: StepContext
  hub: SimulatedHub
  time: VirtualTime
}

export class OwnerSteps {
  readonly #context: StepContext
  readonly #hub: SimulatedHub
  readonly #time: VirtualTime
  #newUsers = 0
  #isClosed = false
  #webhook: string | undefined

  constructor({ context, hub, time }: OwnerStepsOptions) {
    this.#context = context
    this.#hub = hub
    this.#time = time
  }

  async run({ do: kind, at }: Step & { do: StepKindOf<'owner'> }): Promise<void> {
    if (!this.#hub.isUp) return
    switch (kind) {
      case 'closeAccount':
        return void (await this.#setClosed(at % 3 > 0))
      case 'newUser':
        if (this.#newUsers >= maxNewUsers) return
        this.#newUsers += 1
        return void (await this.#post('/api/register', { username: `new${this.#newUsers}`, password }))
      case 'webhook':
        return this.#postByWebhook(at)
    }
  }

  /** Opens the account that is closed, so that its pages can be compared. */
  async finish(): Promise<void> {
    for (let tries = 0; this.#isClosed && tries < maxReopenTries; tries += 1) {
      await this.#setClosed(false)
      if (this.#isClosed) await this.#time.advance(reopenDelayMs)
    }
  }

  async #setClosed(isClosed: boolean): Promise<void> {
    const userId = this.#context.team.devices[3]?.userId ?? ''
    const headers = await this.#ownerHeaders()
    await this.#post('/api/me/sessions/reauthenticate', { current: password }, { headers })
    const input = { deactivated: isClosed }
    const done = await this.#post(`/api/admin/users/${userId}`, input, { headers, method: 'PATCH' })
    if (!done) return
    this.#isClosed = isClosed
    this.#context.forgetMarks(userId)
  }

  /** Posts into the hall, now and then the same post twice. A crash of the hub leaves it without a response. */
  async #postByWebhook(at: number): Promise<void> {
    const { hall } = this.#context.team
    if (this.#webhook === undefined) {
      const headers = await this.#ownerHeaders()
      const made = await this.#post(`/api/chats/${hall}/webhooks`, { name: 'Deploys' }, { headers })
      if (!made) return
      this.#webhook = new URL(made['url'] as string).pathname
    }
    const text = `Deploys posts ${this.#context.nextNumber()}`
    const cid = randomUUID()
    const value = this.#context.watcher.valueOf(text)
    this.#context.watcher.begin({ cid, chatId: hall, value })
    for (let time = 0; time < 1 + (at % 2); time += 1) void this.#send({ text, cid }, value)
  }

  async #send(post: { text: string; cid: string }, value: string): Promise<void> {
    const { dataDir } = this.#hub
    const { status, body } = await this.#request('POST', this.#webhook ?? '', post).catch(() => noResponse)
    // what a crashed hub still says reaches nobody
    if (this.#hub.dataDir !== dataDir || status === 0) return
    if (status < 300) this.#context.registers.acknowledge(`message ${post.cid}`, value)
    else if (status >= 500 && status !== 503)
      this.#context.onError(new Error(`a webhook got ${status}: ${body}`))
  }

  async #ownerHeaders(): Promise<Record<string, string>> {
    const { cookie } = this.#context.team.olga
    const { body } = await this.#time.until(this.#hub.request('GET', '/api/me', { headers: { cookie } }))
    const { csrfToken = '' } = JSON.parse(body) as { csrfToken?: string }
    return { cookie, 'x-csrf-token': csrfToken }
  }

  /** Undefined if it is refused. */
  async #post(
    url: string,
    input: object,
    { headers = {}, method = 'POST' }: { headers?: Record<string, string>; method?: string } = {},
  ): Promise<Record<string, unknown> | undefined> {
    const { status, body } = await this.#time.until(this.#request(method, url, input, headers))
    if (status >= 500) this.#context.onError(new Error(`${url}: ${status} ${body}`))
    if (status >= 300) return undefined
    return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
  }

  #request(
    method: string,
    url: string,
    input: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: string }> {
    return this.#hub.request(method, url, {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    })
  }
}

const noResponse = { status: 0, body: '' }
