import type { Input, Output } from '../../shared/contract.ts'
import type { User } from '../../shared/contract/users.ts'
import type { ReadonlySignal } from './signal.ts'

/** `loading`: not known yet. `setup`: nobody owns the hub yet. `out`: show login. `in`: show the shell. */
export type SessionStatus = 'loading' | 'setup' | 'out' | 'in'

/** Who is logged in here, and the ways in and out. */
export interface Session {
  readonly status: ReadonlySignal<SessionStatus>
  readonly me: ReadonlySignal<User | undefined>
  readonly settings: ReadonlySignal<Readonly<Record<string, unknown>>>
  /** While `loading`: the hub does not answer, and is tried again and again. */
  readonly unreachable: ReadonlySignal<boolean>
  /** While `out`: why, in a sentence, when the person did not log out themselves. */
  readonly reason: ReadonlySignal<string | undefined>

  /** Each throws RequestError. After `setup` and `register` show the recovery key, then call `enter()`. */
  setup(input: Input<'hub.setup'>): Promise<Output<'hub.setup'>>
  register(input: Input<'accounts.register'>): Promise<Output<'accounts.register'>>
  /** Goes in by itself. */
  login(input: Input<'accounts.login'>): Promise<void>
  /** Into the shell with the session that was opened. */
  enter(): Promise<void>
  /** Forgets everything here except drafts, also when the hub cannot be told. */
  logout(): Promise<void>
}
