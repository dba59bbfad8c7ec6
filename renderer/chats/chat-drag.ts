import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'
import { notifyOnFailure, setArchivedForMe } from './chat-list-menu.ts'

const dragType = 'application/x-hubbub-chat'

/** Moves a chat to another section of the list by dragging it. */
export class ChatDrag implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement & { hub: Hub }
  #chatId: string | undefined
  #overSectionId: string | undefined

  constructor(host: ReactiveControllerHost & HTMLElement & { hub: Hub }) {
    this.#host = host
    host.addController(this)
  }

  hostDisconnected(): void {
    this.onEnd()
  }

  get isActive(): boolean {
    return this.#chatId !== undefined
  }

  /** The dragged chat. */
  get chatId(): string | undefined {
    return this.#chatId
  }

  /** The section below the dragged chat. */
  get overSectionId(): string | undefined {
    return this.#overSectionId
  }

  onStart(event: DragEvent, chat: ChatSummary): void {
    if (!event.dataTransfer) return
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData(dragType, chat.id)
    // A change of the list below the pointer would end the drag at once.
    setTimeout(() => this.#set(chat.id, undefined))
  }

  onOver(event: DragEvent, sectionId: string): void {
    if (!event.dataTransfer?.types.includes(dragType)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
    this.#set(this.#chatId, sectionId)
  }

  onLeave = (event: DragEvent): void => {
    const { currentTarget, relatedTarget } = event
    if (relatedTarget instanceof Node && (currentTarget as Node).contains(relatedTarget)) return
    this.#set(this.#chatId, undefined)
  }

  onDrop(event: DragEvent, sectionId: string): void {
    const { hub } = this.#host
    const chat = hub.chats.peek(event.dataTransfer?.getData(dragType) ?? '')
    this.onEnd()
    if (!chat) return
    event.preventDefault()
    if (sectionId === 'archive') void setArchivedForMe(hub, chat, true, this.#host)
    else void this.#moveTo(chat, sectionId)
  }

  onEnd = (): void => {
    this.#set(undefined, undefined)
  }

  async #moveTo(chat: ChatSummary, sectionId: string): Promise<void> {
    const { hub } = this.#host
    const moved = await notifyOnFailure(this.#host, hub.chatList.moveChat(chat.id, sectionId))
    if (moved && chat.archivedForMe)
      await notifyOnFailure(this.#host, hub.chats.updatePreferences(chat.id, { archivedForMe: false }))
  }

  #set(chatId: string | undefined, overSectionId: string | undefined): void {
    if (chatId === this.#chatId && overSectionId === this.#overSectionId) return
    this.#chatId = chatId
    this.#overSectionId = overSectionId
    this.#host.requestUpdate()
  }
}
