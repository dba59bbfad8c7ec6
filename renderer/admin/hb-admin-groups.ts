import { css, html, nothing } from 'lit'
import type { AdminGroup } from '../../shared/contract/admin-people.ts'
import { problemLine } from '../accounts/entry-parts.ts'
import { sectionStyles } from '../settings/section-styles.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-field.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

const pageOf = 50
const pause = 150
const names = new Intl.ListFormat('en')

/** All groups; of private ones no more than that they are there. */
export class HbAdminGroups extends AdminSection {
  static override properties = { ...AdminSection.properties, groups: { state: true } }
  declare groups: readonly AdminGroup[] | undefined

  #query = ''
  #total = 0
  #shown = pageOf
  #typing: ReturnType<typeof setTimeout> | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      details {
        flex-basis: 100%;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      summary {
        cursor: pointer;
        inline-size: fit-content;
        border-radius: 3px;
      }
      details p {
        padding-block-start: var(--space-1);
        overflow-wrap: anywhere;
      }
    `,
  ]

  protected async ask() {
    const groups: AdminGroup[] = []
    let total = 0
    for (let more = true; more && groups.length < this.#shown;) {
      const page = await this.hub.request('admin.groups.list', {
        offset: groups.length,
        ...(this.#query ? { query: this.#query } : {}),
      })
      groups.push(...page.groups)
      total = page.total
      more = page.more
    }
    return () => {
      this.groups = groups
      this.#total = total
    }
  }

  override render() {
    const { groups } = this
    return html`<section>
      <p class="quiet-words">${t('admin.groups.lead')}</p>
      <div class="filters" role="search" @input=${this.#onType}>
        <hb-field class="grow" name="query" .label=${t('admin.groups.find')}></hb-field>
      </div>
      ${problemLine(this.problem)}
      ${groups?.length === 0 ? html`<p role="status">${t('admin.groups.none')}</p>` : nothing}
      <ul class="rows">
        ${groups?.map((group) => this.#row(group))}
      </ul>
      ${
        groups && groups.length < this.#total
          ? html`<div class="actions">
              <button class="button" @click=${this.#more}>${t('admin.more')}</button>
            </div>`
          : nothing
      }
    </section>`
  }

  #row({ id, name, visibility, memberCount, messages, members }: AdminGroup) {
    return html`<li>
      <div class="who main">
        <hb-avatar
          .userId=${id}
          .name=${name}
          kind=${visibility === 'public' ? 'group' : 'private'}
        ></hb-avatar>
        <span>
          <span class="name" dir="auto">${name}</span>
          <span class="below">
            ${visibility === 'public' ? t('admin.groups.public') : t('admin.groups.private')},
            ${t('admin.groups.members', { count: memberCount })}${
              messages === undefined ? nothing : `, ${t('admin.groups.messages', { count: messages })}`
            }
          </span>
        </span>
      </div>
      ${
        members && members.length > 0
          ? html`<details>
              <summary>${t('admin.groups.who', { name })}</summary>
              <p>${names.format(members.map(({ userId }) => this.hub.people.nameOf(userId) || '…'))}</p>
            </details>`
          : nothing
      }
    </li>`
  }

  #onType = (event: Event) => {
    this.#query = (event.target as HTMLInputElement).value.trim().slice(0, 100)
    this.#shown = pageOf
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => void this.load(), pause)
  }

  #more = () => {
    this.#shown += pageOf
    void this.load()
  }
}

customElements.define('hb-admin-groups', HbAdminGroups)
