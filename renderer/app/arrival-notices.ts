import type { LitElement } from 'lit'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'

/** Tells owner and admins that a user came whom they did not let in themselves. */
export class ArrivalNotices {
  readonly #host: LitElement
  #shownCount = 0

  constructor(host: LitElement) {
    this.#host = host
  }

  /** Call it before the host renders. Watched. */
  update(hub: Hub): void {
    const me = hub.session.me.value
    const all = hub.users.arrivals.value
    const news = all.slice(this.#shownCount).filter(({ user, by }) => !user.bot && by !== me?.id)
    this.#shownCount = all.length
    const [first] = news
    if (!first || !me || me.role === 'member') return
    const text =
      news.length === 1
        ? t('chats.arrived', { name: first.user.displayName })
        : t('chats.arrivedSeveral', { count: news.length })
    void this.#host.updateComplete.then(() => notify(this.#host, { text }))
  }
}
