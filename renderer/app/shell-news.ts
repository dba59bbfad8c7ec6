import type { LitElement } from 'lit'
import type { BrowserNotifications } from '../notifications/browser-notifications.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { whenIdle } from './lazy-modules.ts'

/**
 * What the shell tells its user by itself: owner and admins hear that a user came whom they did not let in, the owner of
 * messages that only another computer has, and a browser
 * notifies. The desktop app notifies without the page.
 */
export class ShellNews {
  readonly #host: LitElement
  #shownArrivals = 0
  #isStarted = false
  #notifications: BrowserNotifications | undefined
  #shownChanges = 0
  /** The folders that the owner has heard of. */
  readonly #shownAsides = new Set<string>()

  constructor(host: LitElement) {
    this.#host = host
    host.addController({ hostDisconnected: () => this.#stop() })
  }

  /** Call it before the host renders. Watched. */
  update(hub: Hub, router: Router): void {
    if (!this.#isStarted && !window.hubbub && hub.connectionState.value === 'live') {
      this.#isStarted = true
      whenIdle(() => void this.#start(hub, router).catch(() => undefined))
    }
    this.#updateAsides(hub, router)
    const me = hub.session.me.value
    const all = hub.users.arrivals.value
    const news = all.slice(this.#shownArrivals).filter(({ user, by }) => !user.bot && by !== me?.id)
    this.#shownArrivals = all.length
    const [first] = news
    if (!first || !me || me.role === 'member') return
    const text =
      news.length === 1
        ? t('chats.arrived', { name: first.user.displayName })
        : t('chats.arrivedSeveral', { count: news.length })
    void this.#host.updateComplete.then(() => notify(this.#host, { text }))
  }

  /** The owner hears of messages that only another computer of the hub has. */
  #updateAsides(hub: Hub, router: Router): void {
    const changes = hub.continuity.changes.value
    const isOwner = hub.session.me.value?.role === 'owner'
    if (changes === this.#shownChanges || !isOwner || hub.continuity.safety.value === 'none') return
    this.#shownChanges = changes
    whenIdle(() => void this.#showAsides(hub, router).catch(() => undefined))
  }

  async #showAsides(hub: Hub, router: Router): Promise<void> {
    const { setAside } = await hub.request('continuity.status')
    const news = setAside.filter(({ node, folder, messages, isRunning }) => {
      return messages > 0 && !isRunning && !this.#shownAsides.has(`${node} ${folder}`)
    })
    if (news.length === 0 || !this.#host.isConnected) return
    for (const { node, folder } of news) this.#shownAsides.add(`${node} ${folder}`)
    notify(this.#host, {
      text: t('computer.asideNews', { count: news.reduce((sum, { messages }) => sum + messages, 0) }),
      action: {
        label: t('computer.asideShow'),
        run: () => router.navigate({ page: 'admin', section: 'standbys' }),
      },
    })
  }

  async #start(hub: Hub, router: Router): Promise<void> {
    const { BrowserNotifications } = await import('../notifications/browser-notifications.ts')
    if (this.#isStarted && this.#host.isConnected) this.#notifications = new BrowserNotifications(hub, router)
  }

  #stop(): void {
    this.#isStarted = false
    this.#notifications?.close()
    this.#notifications = undefined
  }
}
