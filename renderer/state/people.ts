import type { User } from '../../shared/contract/users.ts'
import type { ReadonlySignal } from './signal.ts'

/** Everybody on this hub. */
export interface People {
  /** By display name, without those who were deactivated. */
  readonly list: ReadonlySignal<readonly User[]>
  /** Watched. Undefined for somebody not known yet: show a shape, it comes. */
  get(userId: string): User | undefined
  /** The display name, or '' while not known. Watched. */
  nameOf(userId: string): string
  /** Those whose name or display name has `query` in it, in any case. Watched. */
  search(query: string): readonly User[]
}
