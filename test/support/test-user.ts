import { randomUUID } from 'node:crypto'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Message } from '../../shared/contract/messages.ts'
import type { User } from '../../shared/contract/users.ts'
import { findRequest, type Input, type Output, type RequestName } from '../../shared/contract.ts'
import { pathParameters } from '../../shared/contract/define.ts'
import type { WireError } from '../../shared/errors.ts'
import { LiveClient } from './live-client.ts'
import { placeOf } from './peers.ts'

export const password = 'correct horse battery'

/** The error response of a request. */
export class RequestError extends Error {
  readonly status: number
  readonly error: WireError
  constructor(status: number, error: WireError) {
    super(`${status} ${error.code}: ${error.message}`)
    this.status = status
    this.error = error
  }
  get code(): string {
    return this.error.code
  }
}

/** A client that knows only the protocol and no code of the hub. It uses a bearer token. */
export class TestUser {
  readonly url: string
  readonly token: string
  readonly user: User
  recoveryKey = ''

  constructor(url: string, token: string, user: User) {
    this.url = placeOf(url, user.username)
    this.token = token
    this.user = user
  }

  get id(): string {
    return this.user.id
  }

  static async setUp(
    url: string,
    input: { code: string; username: string } & Partial<Input<'hub.setup'>>,
  ): Promise<TestUser> {
    const response = await request(url, undefined, 'hub.setup', { hubName: 'Test team', password, ...input })
    return TestUser.#fromResponse(url, response)
  }

  static async register(
    url: string,
    input: { username: string } & Partial<Input<'accounts.register'>>,
  ): Promise<TestUser> {
    return TestUser.#fromResponse(
      url,
      await request(url, undefined, 'accounts.register', { password, ...input }),
    )
  }

  static async login(url: string, username: string, secret = password): Promise<TestUser> {
    const { user, token } = await request(url, undefined, 'accounts.login', { username, password: secret })
    return new TestUser(url, token ?? '', user)
  }

  static #fromResponse(url: string, response: { user: User; token?: string; recoveryKey: string }): TestUser {
    const user = new TestUser(url, response.token ?? '', response.user)
    user.recoveryKey = response.recoveryKey
    return user
  }

  /** The same user at a hub that came back at another address. */
  atUrl(url: string): TestUser {
    return new TestUser(url, this.token, this.user)
  }

  request<N extends RequestName>(name: N, input: Input<N>): Promise<Output<N>> {
    return request(this.url, this.token, name, input)
  }

  connect(): Promise<LiveClient> {
    return LiveClient.connect(this.url, { authorization: `Bearer ${this.token}` })
  }

  async openDirectChat(other: TestUser): Promise<ChatSummary> {
    return (await this.request('chats.direct', { userId: other.id })).chat
  }

  async createGroup(
    name: string,
    members: TestUser[] = [],
    visibility: 'public' | 'private' = 'private',
  ): Promise<ChatSummary> {
    const { chat } = await this.request('chats.create', {
      name,
      visibility,
      members: members.map((one) => one.id),
    })
    return chat
  }

  async sendMessage(chatId: string, text: string, cid: string = randomUUID()): Promise<Message> {
    const { message } = await this.request('messages.send', { chatId, cid, text })
    return message as Message
  }
}

/** Sends one request over HTTP, as protocol.md describes it. @throws RequestError */
export async function request<N extends RequestName>(
  url: string,
  token: string | undefined,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  const { status, body } = await rawRequest(url, token, name, input as Record<string, unknown>)
  if (status >= 400) throw new RequestError(status, (body as { error: WireError }).error)
  return body as Output<N>
}

export async function rawRequest(
  url: string,
  token: string | undefined,
  name: string,
  input: Record<string, unknown>,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const spec = findRequest(name)
  if (!spec) throw new Error(`no such request: ${name}`)
  const rest = { ...input }
  let path: string = spec.path
  for (const member of pathParameters(spec.path)) {
    path = path.replace(`:${member}`, encodeURIComponent(String(rest[member])))
    delete rest[member]
  }
  const inQuery = spec.method === 'GET' || spec.method === 'DELETE'
  if (inQuery) {
    const query = new URLSearchParams(Object.entries(rest).map(([key, value]) => [key, String(value)]))
    if (query.size > 0) path += `?${query.toString()}`
  }
  const isBytes = spec.body === 'bytes'
  const response = await fetch(url + path, {
    method: spec.method,
    headers: {
      'x-hubbub-client': 'token',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(inQuery ? {} : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(inQuery ? {} : { body: isBytes ? Buffer.from(rest['bytes'] as Uint8Array) : JSON.stringify(rest) }),
  })
  if (spec.response && response.ok) {
    const bytes = Buffer.from(await response.arrayBuffer())
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, body: { type, bytes }, headers: response.headers }
  }
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  }
}

/** Returns the error code of a failed request, or `ok`. */
export function errorCodeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
  )
}
