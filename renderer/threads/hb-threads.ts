import { css, html, LitElement, nothing } from 'lit'
import type { Thread } from '../../shared/contract/threads.ts'
import { openChat } from '../navigation/dialogs.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import { overviewStyles } from '../ui/overview-styles.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { dayAndTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { threadPlace } from './thread-place.ts'
import { nowWatchingDay } from '../signals/current-day.ts'
import { userAvatar } from '../users/avatars.ts'

/** The threads the user follows, those with new replies first. Events, bubbling: `hb-back`, `hb-open-chat`. */
export class HbThreads extends SignalWatcher(LitElement) {
  static override properties = { hub: { attribute: false } }
  declare hub: Hub

  protected readonly keepFocus = new KeepRowFocus(this, { rows: 'li' })

  static override styles = [
    baseStyles,
    buttonStyles,
    overviewStyles,
    css`
      h3 {
        padding: var(--space-2);
        color: var(--color-text-muted);
        font: var(--type-label);
      }
      ul + h3 {
        margin-block-start: var(--space-4);
      }
      li + li {
        border-block-start: 1px solid var(--color-border);
      }
      li button {
        --avatar-size: 2.25rem;
        all: unset;
        box-sizing: border-box;
        display: flex;
        gap: var(--space-3);
        inline-size: 100%;
        margin-block: var(--space-1);
        padding: var(--space-2);
        border-radius: var(--radius-control);
        cursor: pointer;
      }
      li button:hover {
        background: var(--color-surface-hover);
      }
      li button:focus-visible {
        outline: 2px solid var(--color-focus);
        outline-offset: -2px;
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      .words > span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .who {
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      .who b {
        color: var(--color-text);
        font-weight: 600;
      }
      .who b {
        font: var(--type-name);
      }
      .words > .text,
      .words > .gone {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        white-space: pre-line;
        overflow-wrap: anywhere;
      }
      .words > .about {
        --avatar-size: 1.25rem;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--space-2);
        margin-block-start: var(--space-1);
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      .about b {
        color: var(--color-accent-text);
        font-weight: 600;
      }
      .faces {
        display: inline-flex;
        gap: var(--space-1);
      }
      .gone {
        font-style: italic;
        color: var(--color-text-muted);
      }
      .new .text {
        font-weight: 600;
      }
      .unread {
        flex: none;
        align-self: center;
        padding: 1px var(--space-2);
        border-radius: var(--radius-pill);
        background: var(--color-badge);
        font: var(--type-meta);
        font-weight: 600;
      }
      .unread.called {
        background: var(--color-accent-fill);
        color: var(--color-on-accent);
      }
    `,
  ]

  protected override render(): unknown {
    const threads = this.hub.threads.list.value
    return html`
      <header>
        <button class="icon-button back" aria-label=${t('common.back')} @click=${this.#back}>
          <hb-icon name="arrow-left" .size=${20}></hb-icon>
        </button>
        <h2>${t('threads.all')}</h2>
      </header>
      ${
        threads.length === 0
          ? html`<div class="fill">
              ${
                this.hub.threads.ready.value
                  ? html`<hb-empty-state drawing="thread" .text=${t('threads.none')}></hb-empty-state>`
                  : nothing
              }
            </div>`
          : html`<div class="scroll column">${this.#renderSections(threads)}</div>`
      }
    `
  }

  /** With headings only if there are both: new replies, and threads without. */
  #renderSections(threads: readonly Thread[]): unknown {
    const fresh = threads.filter(({ unread }) => unread > 0)
    const others = threads.filter(({ unread }) => unread === 0)
    if (fresh.length === 0 || others.length === 0) return this.#renderList(threads, t('threads.all'))
    return [
      html`<h3>${t('threads.fresh')}</h3>`,
      this.#renderList(fresh, t('threads.fresh')),
      html`<h3>${t('threads.others')}</h3>`,
      this.#renderList(others, t('threads.others')),
    ]
  }

  #renderList(threads: readonly Thread[], label: string): unknown {
    return html`<ul aria-label=${label}>
      ${keyedList(
        threads,
        ({ message }) => message.id,
        (thread) => this.#renderThread(thread),
      )}
    </ul>`
  }

  #renderReplies({ message }: Thread): unknown {
    const { replies } = message
    if (!replies) return nothing
    const { count, users, at } = replies
    return html`<span class="about">
      <span class="faces">${users.map((userId) => userAvatar(this.hub, userId))}</span>
      <b>${t('threads.count', { count })}</b>
      ${at === undefined ? nothing : html`<span>${dayAndTime(at, nowWatchingDay())}</span>`}
    </span>`
  }

  #renderThread(thread: Thread): unknown {
    const { chatId, message, unread, mentions, readNo } = thread
    const chat = this.hub.chats.get(chatId)
    const author = message.deleted === true ? '' : message.author
    const name = author && this.hub.users.nameOf(author)
    const open = () =>
      openChat(this, chatId, { no: message.no, reply: Math.max(1, readNo + (unread > 0 ? 1 : 0)) })
    return html`<li class=${unread > 0 ? 'new' : ''}>
      <button @click=${open}>
        ${userAvatar(this.hub, author ?? '')}
        <span class="words">
          <span class="who"
            ><b><bdi>${name}</bdi></b> ${chat ? threadPlace(this.hub, chat) : nothing}</span
          >
          ${
            message.deleted === true
              ? html`<span class="gone">${t('messages.deleted')}</span>`
              : html`<span class="text" dir="auto">${this.hub.plainText(message.text)}</span>`
          }
          ${this.#renderReplies(thread)}
        </span>
        ${
          unread > 0
            ? html`<span class="unread ${mentions > 0 ? 'called' : ''}"
                >${mentions > 0 ? html`<span aria-hidden="true">@ </span>` : nothing}${t('threads.unread', { count: unread })}${
                  mentions > 0
                    ? html`<span class="visually-hidden">, ${t('threads.callsYou')}</span>`
                    : nothing
                }</span
              >`
            : nothing
        }
      </button>
    </li>`
  }

  #back = (): void => {
    this.dispatchEvent(new CustomEvent('hb-back', { bubbles: true, composed: true }))
  }
}

customElements.define('hb-threads', HbThreads)

declare global {
  interface HTMLElementTagNameMap {
    'hb-threads': HbThreads
  }
}
