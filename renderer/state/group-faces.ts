// Which face (hue and tone) each group has, so that two groups of a list differ. Ids of groups are dealt in their order,
// which is that of creation: a new group takes what is left, and those before it keep theirs.
import { dealFaces } from '../ui/initials.ts'
import { computed, type ReadonlySignal } from '../signals/signal.ts'
import type { Chats } from './chats.ts'
import type { Groups } from './groups.ts'

export class GroupFaces {
  readonly #ids: ReadonlySignal<string>
  readonly #faces: ReadonlySignal<ReadonlyMap<string, number>>

  constructor(chats: Pick<Chats, 'list'>, groups: Pick<Groups, 'ids'>) {
    // As a text: after a message the ids are the same, and nothing is dealt again.
    this.#ids = computed(() => {
      const mine = chats.list.value.filter(({ kind }) => kind === 'group').map(({ id }) => id)
      return [...mine.sort(), ...[...groups.ids.value].sort()].join(' ')
    })
    this.#faces = computed(() => dealFaces(this.#ids.value.split(' ')))
  }

  /** The number of the face, or undefined for a group that the user does not know. Watched. */
  of(groupId: string): number | undefined {
    return this.#faces.value.get(groupId)
  }

  /** The numbers for a list that also has groups which the user does not know. Watched. */
  forList(groupIds: readonly string[]): ReadonlyMap<string, number> {
    const known = this.#ids.value.split(' ')
    const others = groupIds.filter((id) => !this.#faces.value.has(id)).sort()
    return dealFaces([...known, ...others])
  }
}
