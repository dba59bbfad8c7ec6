import { html, LitElement, nothing } from 'lit'
import '../chats/hb-chat-list.ts'
import type { HbChatList } from '../chats/hb-chat-list.ts'
import { ShellNews } from './shell-news.ts'
import './hb-conversation.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import '../search/hb-search.ts'
import { openSearch } from '../navigation/open-search.ts'
import type {} from '../admin/hb-admin.ts'
import type {} from '../settings/hb-settings.ts'
import { lookForNewVersion } from '../offline/page-version.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import '../text/shell-text.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { deepActiveElement, focusOnce, holdKeysWhile } from '../ui/focus.ts'
import { notify } from '../ui/hb-toasts.ts'
import type { ShellCommand } from '../../shared/desktop.ts'
import type { DialogRequest } from '../navigation/dialogs.ts'
import './hb-connection-banner.ts'
import './hb-splitter.ts'
import './hb-switcher.ts'
import { BackSwipe } from './back-swipe.ts'
import { renderChatMenu } from './chat-menu-button.ts'
import { completeFirstScreen, isShellComplete } from './first-screen.ts'
import { isModuleLoaded, loadModule, type LazyModule } from './lazy-modules.ts'
import { renderNothingOpen } from './nothing-open.ts'
import { narrowQuery } from './narrow-query.ts'
import {
  isOverview,
  leavesOverview,
  overviewHeading,
  overviewTitle,
  renderOverview,
} from './overview-pages.ts'
import { moveToRegion, regionOf, type Region } from './regions.ts'
import { renderShellDialog } from './shell-dialog.ts'
import { shellKeyOf, type ShellKeyName } from './shell-keys.ts'
import { shellStyles } from './shell-styles.ts'
import type { OverviewPage, Route, Router } from '../navigation/router.ts'
import { showUnreadFavicon } from './unread-favicon.ts'
import { showTitle, showUnreadMark } from './window-title.ts'
import { loadFailedPictures } from '../ui/failed-pictures.ts'

/** The commands of the desktop app that concern the hub in front. */
export type HubCommand = Exclude<ShellCommand, 'add-hub' | 'hosting' | 'next-hub' | 'previous-hub'>

/** The split window: the list on the left, the conversation on the right, a dialog over them. */
export class HbShell extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    dialog: { state: true },
    searching: { state: true },
  }
  declare hub: Hub
  declare router: Router
  declare dialog: DialogRequest | undefined
  /** The search takes the pane while no chat is open. */
  declare searching: boolean

  protected readonly backSwipe = new BackSwipe(this)
  #restored = false
  #wasLive = false
  #isComplete = false
  readonly #news = new ShellNews(this)
  #loadedDialog: DialogRequest | undefined
  #wantsFocus = false
  #shownRoute: Route | undefined
  /** The chat that the user was in last: Esc leads back to it from a page over all chats. */
  #lastChatId: string | undefined
  /** The address to return to when the settings close. */
  #routeBeforeSettings: Route = { page: 'home' }

  static override styles = [baseStyles, buttonStyles, shellStyles]

  constructor() {
    super()
    this.searching = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#onKey)
    this.addEventListener('hb-open-dialog', this.#onDialog)
    this.addEventListener('hb-open-chat', this.#onOpenChat)
    this.addEventListener('hb-open-search', this.#onOpenSearch)
    this.addEventListener('hb-close-panel', this.#onSearchClose)
    this.addEventListener('hb-back', this.#onBack)
  }

  protected override firstUpdated(): void {
    if (this.hub.memoryOnly.value) notify(this, { text: t('shell.memoryOnly') })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKey)
    showUnreadFavicon(0)
  }

  protected override willUpdate(): void {
    const route = this.router.route.value
    if (route.page === 'settings' || route.page === 'admin') this.#loadPart(route.page)
    const isLive = this.hub.connectionState.value === 'live'
    if (isLive && !this.#wasLive) {
      loadFailedPictures()
      void lookForNewVersion()
    }
    this.#wasLive = isLive
    if (this.dialog && this.dialog !== this.#loadedDialog) void this.#loadDialog(this.dialog)
    this.#news.update(this.hub, this.router)
    const ready = this.hub.chats.ready.value
    if (route.page === 'chat') this.#lastChatId = route.chatId
    if (route.page !== 'settings' && route.page !== 'admin') this.#routeBeforeSettings = route
    // A role can be withdrawn while its page is open.
    if (route.page === 'admin' && this.hub.session.me.value?.role === 'member') {
      untracked(() => this.router.navigate({ page: 'home' }, { replace: true }))
      return
    }
    untracked(() => {
      const { chats } = this.hub
      if (!this.#restored && ready) {
        this.#restored = true
        const last = chats.current.value
        this.#lastChatId ??= last
        if (route.page === 'home' && last && chats.get(last) && !matchMedia(narrowQuery).matches) {
          this.router.navigate({ page: 'chat', chatId: last }, { replace: true })
          return
        }
      }
      if (this.#restored) chats.current.value = route.page === 'chat' ? route.chatId : undefined
    })
  }

  protected override updated(): void {
    if (!this.#isComplete) this.#noteCompletion()
    const route = this.router.route.peek()
    const left = this.#shownRoute
    const isLater = left !== undefined && left.page !== route.page
    this.#shownRoute = route
    if (!isLater && !(this.#wantsFocus && this.#restored)) return
    this.#wantsFocus = false
    void this.#focusLostBy(left?.page === 'chat' ? left.chatId : undefined)
  }

  /** The user has come from a form: once the chats are there, the keyboard begins in them. */
  focusWhenReady(): void {
    this.#wantsFocus = true
    this.requestUpdate()
  }

  /**
   * The element with the focus went with its place, as with the Back of the browser. `chatId`: the chat that was open.
   * A chat, the settings and the administration take the focus themselves.
   */
  async #focusLostBy(chatId: string | undefined): Promise<void> {
    await this.updateComplete
    const { page } = this.router.route.peek()
    if (page === 'chat' || page === 'settings' || page === 'admin' || this.dialog) return
    if (deepActiveElement()?.checkVisibility({ visibilityProperty: true })) return
    const list = this.#list
    if (list?.checkVisibility()) list.focusRow(chatId)
    else focusOnce(this.renderRoot.querySelector<HTMLElement>('.pane'))
  }

  #noteCompletion(): void {
    const route = this.router.route.value
    this.#isComplete = isShellComplete(this.hub, route.page === 'chat' ? route.chatId : undefined)
    if (this.#isComplete) void this.updateComplete.then(() => void completeFirstScreen('shell'))
  }

  /** Runs a command from the menu of the desktop app. */
  async runCommand(command: HubCommand): Promise<void> {
    const { page } = this.router.route.peek()
    switch (command) {
      case 'new-chat':
      case 'shortcuts':
        this.dialog = { kind: command }
        return
      case 'quick-switch':
        this.dialog = { kind: 'switcher' }
        return
      case 'settings':
        this.dialog = undefined
        return this.router.navigate({ page: 'settings', section: '' })
      case 'find':
        this.dialog = undefined
        if (page === 'settings' || page === 'admin')
          this.router.navigate(this.#routeBeforeSettings, { replace: true })
        await this.updateComplete
        openSearch(this)
    }
  }

  override render() {
    const { hub, router } = this
    const route = router.route.value
    const chatId = route.page === 'chat' ? route.chatId : undefined
    if (route.page === 'settings' || route.page === 'admin') {
      showUnreadMark(hub)
      return html`<hb-connection-banner .hub=${hub} @hb-navigate=${this.#onNavigate}></hb-connection-banner>
        <main class="settings">
          ${
            !isModuleLoaded(route.page)
              ? nothing
              : route.page === 'admin'
                ? html`<hb-admin
                    .hub=${hub}
                    .router=${router}
                    .section=${route.section}
                    @hb-close=${this.#leaveSettings}
                  ></hb-admin>`
                : html`<hb-settings
                    .hub=${hub}
                    .router=${router}
                    .section=${route.section}
                    @hb-close=${this.#leaveSettings}
                  ></hb-settings>`
          }
        </main>
        ${this.#renderDialog()}`
    }
    showTitle(hub, chatId, overviewTitle(route))
    return html`
      <hb-connection-banner .hub=${hub} @hb-navigate=${this.#onNavigate}></hb-connection-banner>
      <main class="panes" ?data-chat=${chatId !== undefined || this.searching || isOverview(route)}>
        <h1 class="visually-hidden">${hub.meta.value?.name ?? t('app.name')}</h1>
        <hb-chat-list .hub=${hub} .router=${router} .chatId=${chatId ?? ''}></hb-chat-list>
        <hb-splitter></hb-splitter>
        <div class="pane">
          ${
            chatId !== undefined
              ? this.#renderConversation(chatId)
              : this.searching
                ? html`<hb-search .hub=${hub}></hb-search>`
                : isOverview(route)
                  ? renderOverview(route, hub)
                  : renderNothingOpen(this.hub, this)
          }
        </div>
      </main>
      ${this.#renderDialog()}
    `
  }

  #loadPart(part: LazyModule): void {
    loadModule(part).catch(() => notify(this, { text: t('shell.notHere'), tone: 'danger' }))
  }

  /** The dialog appears once its module is loaded. */
  async #loadDialog(dialog: DialogRequest): Promise<void> {
    this.#loadedDialog = dialog
    if (dialog.kind === 'switcher') return
    try {
      await holdKeysWhile(loadModule(dialog.kind).then(() => this.updateComplete))
    } catch {
      if (this.dialog === dialog) this.dialog = undefined
      notify(this, { text: t('shell.notHere'), tone: 'danger' })
    }
  }

  #renderConversation(chatId: string) {
    const chat = this.hub.chats.get(chatId)
    const route = this.router.route.value
    return html`<hb-conversation
      .hub=${this.hub}
      .chatId=${chatId}
      .target=${route.page === 'chat' && route.no !== undefined ? route : undefined}
    >
      ${chat ? renderChatMenu(this.hub, chat, this) : nothing}
    </hb-conversation>`
  }

  #renderDialog() {
    const { dialog } = this
    if (dialog && dialog.kind !== 'switcher' && !isModuleLoaded(dialog.kind)) return nothing
    return renderShellDialog(this.hub, dialog, {
      onClose: this.#closeDialog,
      onNavigate: this.#onNavigate,
    })
  }

  #closeDialog = () => {
    this.dialog = undefined
  }

  #onNavigate = ({ detail }: CustomEvent<Route>) => {
    this.dialog = undefined
    this.searching = false
    this.router.navigate(detail)
  }

  #leaveSettings = () => {
    if (this.dialog) return
    this.router.navigate(this.#routeBeforeSettings, { replace: true })
    void this.updateComplete.then(() => void this.#list?.focusAccountButton())
  }

  #onDialog = (event: CustomEvent<DialogRequest>) => {
    this.dialog = event.detail
  }

  #onOpenChat = (event: HTMLElementEventMap['hb-open-chat']) => {
    this.dialog = undefined
    const wasSearching = this.searching
    const shown = this.router.route.peek()
    this.searching = false
    this.router.navigate({ page: 'chat', ...event.detail })
    if (shown.page === 'chat' && shown.chatId === event.detail.chatId && event.detail.no === undefined)
      void this.#focusOpenChat()
    // The results stay open next to the chat they lead to, if there is room for both.
    if (wasSearching && matchMedia('(min-width: 68.75em)').matches) void this.#showSearch()
  }

  /** The chat that was chosen is open already: the user goes on writing, as after opening another one. */
  async #focusOpenChat() {
    await this.updateComplete
    if (matchMedia('(pointer: fine)').matches) this.renderRoot.querySelector('hb-conversation')?.focus()
  }

  #onOpenSearch = ({ detail }: HTMLElementEventMap['hb-open-search']) => {
    const { search } = this.hub
    const asked = search.query.peek()
    const chips = asked.chips.filter(({ kind }) => kind !== 'in')
    const { chatId, text = asked.text } = detail
    search.run({ text, chips: chatId === undefined ? chips : [...chips, { kind: 'in', chatId }] })
    if (this.router.route.peek().page === 'chat') void this.#showSearch()
    else this.searching = true
  }

  async #showSearch() {
    await this.updateComplete
    const conversation = this.renderRoot.querySelector('hb-conversation')
    if (!conversation) return
    openSidePanel(conversation, { kind: 'search' })
    await conversation.updateComplete
    conversation.renderRoot.querySelector('hb-search')?.focus()
  }

  #onSearchClose = () => {
    if (!this.searching) return
    this.searching = false
    void this.updateComplete.then(() => this.#list?.focusRow(undefined))
  }

  async #openOverview(page: OverviewPage): Promise<void> {
    this.router.navigate({ page })
    await this.updateComplete
    focusOnce(await overviewHeading(this.renderRoot.querySelector('.pane')))
  }

  /** To the last chat, where the user goes on writing. */
  #leaveOverview(): void {
    const chatId = this.#lastChatId
    if (chatId === undefined || !this.hub.chats.get(chatId)) this.#onBack()
    else this.router.navigate({ page: 'chat', chatId })
  }

  #onBack = () => {
    const left = this.hub.chats.current.peek()
    this.router.navigate({ page: 'home' })
    void this.updateComplete.then(() => this.#list?.focusRow(left))
  }

  get #list(): HbChatList | null {
    return this.renderRoot.querySelector('hb-chat-list')
  }

  #onKey = (event: KeyboardEvent) => {
    if (!this.dialog && leavesOverview(event, this.router.route.peek())) return this.#leaveOverview()
    const key = shellKeyOf(event)
    if (key !== undefined && this.#runKey(key)) event.preventDefault()
  }

  /** Returns false if the key means nothing here. */
  #runKey(key: ShellKeyName): boolean {
    const { dialog } = this
    const route = this.router.route.peek()
    switch (key) {
      case 'switch':
        this.dialog = dialog?.kind === 'switcher' ? undefined : { kind: 'switcher' }
        return true
      case 'find':
      case 'findHere':
        if (dialog || route.page === 'settings' || route.page === 'admin') return false
        openSearch(this, route.page === 'chat' && key === 'findHere' ? route.chatId : undefined)
        return true
      case 'members':
      case 'pins':
      case 'files':
      case 'chatMenu':
        if (dialog || route.page !== 'chat') return false
        this.renderRoot.querySelector('hb-conversation')?.toggle(key)
        return true
      case 'threads':
      case 'activity':
      case 'saved':
        if (dialog) return false
        void this.#openOverview(key)
        return true
      case 'region':
      case 'regionBack':
        if (dialog || !this.#list) return false
        moveToRegion(this.#regions, key === 'region' ? 1 : -1)
        return true
      case 'this':
        if (dialog && dialog.kind !== 'shortcuts') return false
        this.dialog = dialog ? undefined : { kind: 'shortcuts' }
        return true
      default:
        if (!dialog) this.#openOtherChat(key)
        return dialog === undefined
    }
  }

  get #regions(): Region[] {
    const list = this.#list
    const conversation = this.renderRoot.querySelector('hb-conversation')
    return [
      ...regionOf(list, () => list?.focusRow(this.hub.chats.current.peek())),
      ...(conversation?.regions ?? regionOf(this.renderRoot.querySelector('.pane'))),
    ]
  }

  #openOtherChat(key: 'nextChat' | 'previousChat' | 'nextUnread' | 'previousUnread') {
    const { chatList } = this.hub
    const by = key === 'nextChat' || key === 'nextUnread' ? 1 : -1
    const isUnread = key === 'nextUnread' || key === 'previousUnread'
    const next = isUnread ? chatList.nextUnread(by) : chatList.nextDisplayed(by)
    if (next) this.router.navigate({ page: 'chat', chatId: next.id })
    else if (isUnread) notify(this, { text: t('sections.noUnread') })
  }
}

customElements.define('hb-shell', HbShell)

declare global {
  interface HTMLElementTagNameMap {
    'hb-shell': HbShell
  }
}
