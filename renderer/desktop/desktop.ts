// The hubs of the desktop app: one `Hub` and one router for each hub of the rail. All are live and one is in front. An
// error of one never affects another.
import {
  hubBasePath,
  splitHubPath,
  type DesktopEvents,
  type HubbubDesktop,
  type HubId,
  type HostStatus,
  type HubInfo,
} from '../../shared/desktop.ts'
import { Router, routeOf } from '../navigation/router.ts'
import { Hub } from '../state/hub.ts'
import { computed, effect, signal, type ReadonlySignal } from '../signals/signal.ts'
import { originsOf } from './origins.ts'
import { clearHubData } from './hub-data.ts'
import { desktopPlatform } from './desktop-platform.ts'

export interface DesktopHub {
  id: HubId
  info: ReadonlySignal<HubInfo>
  hub: Hub
  router: Router
  /** As the page counts it; until it can, as the shell does. */
  unread: ReadonlySignal<number>
  mentions: ReadonlySignal<number>
}

/** A hub that hangs must not keep its user from removing it. */
const logoutLimitMs = 5_000

const frontHubStorageKey = 'hubbub-front'

export class Desktop {
  readonly shell: HubbubDesktop
  readonly #hubs = signal<readonly DesktopHub[]>([])
  readonly #frontId = signal<HubId | undefined>(undefined)
  readonly #ready = signal(false)
  readonly #host = signal<HostStatus | undefined>(undefined)
  /** The hub of this computer. */
  readonly host: ReadonlySignal<HostStatus | undefined> = this.#host
  readonly hubs: ReadonlySignal<readonly DesktopHub[]> = this.#hubs
  /** The list of hubs is loaded. */
  readonly ready: ReadonlySignal<boolean> = this.#ready
  readonly front: ReadonlySignal<DesktopHub | undefined>
  readonly unread: ReadonlySignal<number>
  readonly mentions: ReadonlySignal<number>

  constructor(shell: HubbubDesktop) {
    this.shell = shell
    this.front = computed(() => this.#hubs.value.find(({ id }) => id === this.#frontId.value))
    this.unread = computed(() => sumOver(this.#hubs.value, ({ unread }) => unread.value))
    this.mentions = computed(() => sumOver(this.#hubs.value, ({ mentions }) => mentions.value))
  }

  async start(): Promise<void> {
    const { shell } = this
    let hasUpdate = false
    shell.hubs.onChange((list) => {
      hasUpdate = true
      this.#applyHubs(list)
    })
    addEventListener('popstate', () => this.#followLocation())
    effect(() => shell.shell.setUnread(this.unread.value, this.mentions.value))
    shell.host.onStatus((status) => (this.#host.value = status))
    const list = await shell.hubs.list()
    // An event may have overtaken the response.
    if (!hasUpdate) this.#applyHubs(list)
    this.#host.value = await shell.host.status()
    this.#ready.value = true
  }

  show(id: HubId): void {
    const hub = this.#hubs.peek().find((one) => one.id === id)
    if (!hub) return
    hub.router.syncAddress({ replace: this.#frontId.peek() === undefined })
    this.#frontId.value = id
    saveFrontHub(id)
  }

  /** Logs out if the hub is reachable, removes the hub from the shell, and deletes all its data in the page. */
  async remove(id: HubId): Promise<void> {
    const hub = this.#hubs.peek().find((one) => one.id === id)
    if (hub?.hub.session.status.peek() === 'in') await atMost(logoutLimitMs, hub.hub.session.logout())
    await this.shell.hubs.remove(id)
    await clearHubData(id)
  }

  /** Counted from 1, as on the keys. */
  showNth(n: number): void {
    const hub = this.#hubs.peek()[n - 1]
    if (hub) this.show(hub.id)
  }

  showAdjacent(by: 1 | -1): void {
    const hubs = this.#hubs.peek()
    const at = hubs.findIndex(({ id }) => id === this.#frontId.peek())
    const next = hubs[(at + by + hubs.length) % hubs.length]
    if (next) this.show(next.id)
  }

  /** `/` is the last address at that hub. */
  openRoute({ hubId, route }: DesktopEvents['route']): void {
    this.show(hubId)
    const front = this.front.peek()
    if (front?.id === hubId && route !== '/') front.router.navigate(routeOf(route))
  }

  #followLocation(): void {
    const id = splitHubPath(location.pathname)?.id
    if (id !== undefined && this.#hubs.peek().some((hub) => hub.id === id)) this.#frontId.value = id
  }

  #applyHubs(list: HubInfo[]): void {
    const known = new Map(this.#hubs.peek().map((hub) => [hub.id, hub]))
    this.#hubs.value = list.map((info) => {
      const hub = known.get(info.id)
      known.delete(info.id)
      return hub ? this.#updateHub(hub, info) : this.#openHub(info)
    })
    for (const gone of known.values()) void gone.hub.close()
    if (!this.front.peek()) this.#chooseFront()
  }

  #updateHub(hub: DesktopHub, info: HubInfo): DesktopHub {
    const was = hub.info.peek().state
    ;(hub.info as ReturnType<typeof signal<HubInfo>>).value = info
    // The shell has found the hub: the page need not wait for its own next attempt.
    if (was !== info.state && (info.state === 'online' || info.state === 'signed-out')) hub.hub.retryNow()
    return hub
  }

  #openHub(first: HubInfo): DesktopHub {
    const { id } = first
    const base = hubBasePath(id)
    const info = signal(first)
    const hub = new Hub({
      base,
      platform: desktopPlatform(this.shell),
      origins: () => originsOf(info.peek(), this.#host.peek()),
      onRetry: () => void this.shell.hubs.retry(id).catch(() => undefined),
    })
    const isIn = () => hub.session.status.value === 'in'
    void hub.start()
    this.#followConnection(id, info, hub)
    return {
      id,
      info,
      hub,
      router: new Router(base),
      unread: computed(() => (isIn() ? hub.chats.unread.value : info.value.unread)),
      mentions: computed(() => (isIn() ? hub.chats.mentions.value : info.value.mentions)),
    }
  }

  /** The page has noticed first that the hub does not respond: the shell looks whether it is elsewhere. */
  #followConnection(id: HubId, info: ReadonlySignal<HubInfo>, { connectionState }: Hub): void {
    effect(() => {
      if (connectionState.value !== 'waiting' || info.peek().state !== 'online') return
      void this.shell.hubs.retry(id).catch(() => undefined)
    })
  }

  /** The hub of the address after a reload, else the one that was in front at the last exit, else the first. */
  #chooseFront(): void {
    const hubs = this.#hubs.peek()
    const wanted = [splitHubPath(location.pathname)?.id, loadFrontHub()]
    const hub = wanted.map((id) => hubs.find((one) => one.id === id)).find(Boolean) ?? hubs[0]
    if (hub) return this.show(hub.id)
    this.#frontId.value = undefined
    history.replaceState(null, '', '/')
  }
}

/** Resolves with the end of `work`, or after this time. */
function atMost(ms: number, work: Promise<void>): Promise<void> {
  return Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, ms))])
}

function sumOver(hubs: readonly DesktopHub[], countOf: (hub: DesktopHub) => number): number {
  return hubs.reduce((all, hub) => all + countOf(hub), 0)
}

function loadFrontHub(): string | null {
  try {
    return localStorage.getItem(frontHubStorageKey)
  } catch {
    return null
  }
}

function saveFrontHub(id: HubId): void {
  try {
    localStorage.setItem(frontHubStorageKey, id)
  } catch {
    // The storage is full: the first hub is in front next time.
  }
}
