import { css, html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { checkLine, countCharacters, normalizeLine } from '../../shared/text/names.ts'
import { checkBio, normalizeBio } from '../../shared/text/profile.ts'
import { withoutEmpty, type FieldProblems, renderProblem, formValues } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-crop.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { userAvatar } from '../users/avatars.ts'

interface ProfileDraft {
  displayName: string
  bio: string
}

/** How others see the user: avatar, name, a status text, and the last-seen time. */
export class HbSettingsProfile extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    draft: { state: true },
    busy: { state: true },
    status: { state: true },
    problem: { state: true },
    problems: { state: true },
    chosenPicture: { state: true },
    isUploading: { state: true },
    pictureProblem: { state: true },
    lastSeenProblem: { state: true },
  }
  declare hub: Hub
  /** Typed and not saved. While it is undefined the fields follow the profile, also from another window. */
  declare draft: ProfileDraft | undefined
  declare busy: boolean
  declare status: string
  declare problem: string
  declare problems: FieldProblems
  /** The picture that is being cropped. */
  declare chosenPicture: File | undefined
  declare isUploading: boolean
  declare pictureProblem: string
  declare lastSeenProblem: string

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    css`
      .picture {
        flex-direction: row;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-4) var(--space-5);
        --avatar-size: 6rem;
      }
      .picture > div {
        flex: 1 1 220px;
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
      }
      .username {
        color: var(--color-text-muted);
        font: var(--type-secondary);
        overflow-wrap: anywhere;
      }
      .said {
        color: var(--color-text-muted);
        font: var(--type-secondary);
      }
    `,
  ]

  /** Esc or Back may close the settings while a field has the focus. */
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#saveDraft()
  }

  constructor() {
    super()
    this.draft = undefined
    this.busy = false
    this.status = ''
    this.problem = ''
    this.problems = {}
    this.chosenPicture = undefined
    this.isUploading = false
    this.pictureProblem = ''
    this.lastSeenProblem = ''
  }

  override render() {
    const me = this.hub.session.me.value
    if (!me) return nothing
    const draft = this.draft ?? { displayName: me.displayName, bio: me.bio ?? '' }
    const left = limits.bio - countCharacters(normalizeBio(draft.bio))
    return html`
      ${this.#renderPicture(me)}
      <form novalidate @submit=${this.#onSubmit} @input=${this.#onInput} @change=${() => this.#saveDraft()}>
        <hb-field
          name="displayName"
          autocomplete="name"
          .label=${t('profile.displayName')}
          .hint=${t('profile.displayNameHint')}
          .value=${draft.displayName}
          .error=${this.problems.displayName ?? ''}
        ></hb-field>
        <hb-field
          name="bio"
          type="multiline"
          optional
          .rows=${4}
          .label=${t('profile.bio')}
          .hint=${
            left < 0
              ? t('profile.bioOver', { count: -left })
              : left <= 100
                ? t('profile.bioLeft', { count: left })
                : t('profile.bioHint')
          }
          .value=${draft.bio}
          .error=${this.problems.bio ?? ''}
        ></hb-field>
        ${renderProblem(this.problem)}
        <p class="said" role="status">${this.status}</p>
      </form>
      ${this.#renderLastSeen()} ${this.#renderCrop()}
    `
  }

  #renderLastSeen() {
    return html`<section @change=${this.#onLastSeenChange}>
      <hb-choice
        name="lastSeen"
        .label=${t('profile.lastSeen')}
        .value=${this.hub.session.settings.value.hideLastSeen ? 'nobody' : 'everybody'}
        .choices=${[
          { value: 'everybody', label: t('profile.seenByAll'), hint: t('profile.seenByAllHint') },
          { value: 'nobody', label: t('profile.seenByNone'), hint: t('profile.seenByNoneHint') },
        ]}
      ></hb-choice>
      ${renderProblem(this.lastSeenProblem)}
    </section>`
  }

  #renderCrop() {
    if (!this.chosenPicture) return nothing
    return html`<hb-crop
      round
      .heading=${t('profile.cropTitle')}
      .file=${this.chosenPicture}
      .busy=${this.isUploading}
      .problem=${this.pictureProblem}
      @hb-cropped=${(event: CustomEvent<Uint8Array>) => void this.#uploadAvatar(event.detail)}
      @hb-close=${() => {
        this.chosenPicture = undefined
        this.pictureProblem = ''
      }}
    ></hb-crop>`
  }

  #renderPicture(me: { id: string; username: string; displayName: string; avatar?: string }) {
    return html`<section class="picture">
      ${userAvatar(this.hub, me.id)}
      <div>
        <p class="username"><bdi>@${me.username}</bdi></p>
        <div class="actions">
          <button class="button" type="button" ?disabled=${this.isUploading} @click=${this.#openFilePicker}>
            ${me.avatar ? t('profile.changePicture') : t('profile.choosePicture')}
          </button>
          ${
            me.avatar
              ? html`<button
                  class="button quiet"
                  type="button"
                  ?disabled=${this.isUploading}
                  @click=${() => void this.#removeAvatar()}
                >
                  ${t('profile.removePicture')}
                </button>`
              : nothing
          }
        </div>
        ${this.chosenPicture ? nothing : renderProblem(this.pictureProblem)}
        <input
          type="file"
          accept="image/*"
          hidden
          aria-label=${t('profile.choosePicture')}
          @change=${this.#onFile}
        />
      </div>
    </section>`
  }

  #openFilePicker = () => {
    this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click()
  }

  #onFile = (event: Event) => {
    event.stopPropagation()
    const input = event.target as HTMLInputElement
    this.pictureProblem = ''
    this.chosenPicture = input.files?.[0]
    // So that choosing the same file again is a change too.
    input.value = ''
  }

  async #uploadAvatar(bytes: Uint8Array) {
    if (this.isUploading) return
    this.isUploading = true
    this.pictureProblem = ''
    try {
      const { user } = await this.hub.request('me.avatar', { bytes })
      this.hub.users.put(user)
      this.hub.session.onMyChanges({ user })
      this.chosenPicture = undefined
    } catch (error) {
      this.pictureProblem = errorMessage(error)
    }
    this.isUploading = false
  }

  async #removeAvatar() {
    this.isUploading = true
    this.pictureProblem = ''
    try {
      const { user } = await this.hub.request('me.avatar.remove')
      this.hub.users.put(user)
      this.hub.session.onMyChanges({ user })
    } catch (error) {
      this.pictureProblem = errorMessage(error)
    }
    this.isUploading = false
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.picture .button')?.focus()
  }

  #onInput = (event: Event) => {
    this.draft = this.#valuesOf(event.currentTarget as HTMLFormElement)
    this.status = ''
    this.problems = {}
  }

  #valuesOf(form: HTMLFormElement): ProfileDraft {
    const { displayName = '', bio = '' } = formValues(form)
    return { displayName, bio: bio.replace(/\r\n/g, '\n') }
  }

  #onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    this.#saveDraft()
  }

  /** Leaving a field saves it, as in all settings. What is typed during a request is saved after it. */
  #saveDraft() {
    const { draft } = this
    if (!draft || this.busy) return
    const displayName = normalizeLine(draft.displayName)
    const bio = normalizeBio(draft.bio)
    this.problem = ''
    this.problems = withoutEmpty({
      displayName: displayName
        ? checkLine(displayName, t('register.displayName'), limits.displayName)?.message
        : t('profile.needName'),
      bio: checkBio(bio)?.message,
    })
    // The other field is saved all the same. The focus stays where the user went.
    const me = this.hub.session.me.value
    const changes = {
      ...(this.problems.displayName || displayName === me?.displayName ? {} : { displayName }),
      ...(this.problems.bio || bio === (me?.bio ?? '') ? {} : { bio }),
    }
    if (Object.keys(changes).length > 0) void this.#save(changes, draft)
  }

  async #save(changes: Partial<ProfileDraft>, draft: ProfileDraft) {
    this.busy = true
    this.status = ''
    let isSaved = false
    try {
      const { user } = await this.hub.request('me.update', changes)
      this.hub.users.put(user)
      this.hub.session.onMyChanges({ user })
      isSaved = true
      this.status = t('profile.saved')
    } catch (error) {
      const field = errorField(error)
      if (field === 'displayName' || field === 'bio') this.problems = { [field]: errorMessage(error) }
      else this.problem = errorMessage(error)
      if (!this.isConnected) notifyOfFailure(error)
    }
    this.busy = false
    if (!isSaved) return
    if (this.draft !== draft) this.#saveDraft()
    else if (Object.keys(this.problems).length === 0) this.draft = undefined
  }

  #onLastSeenChange = (event: Event) => {
    const { value } = event.target as HTMLInputElement
    void this.#setHideLastSeen(value === 'nobody')
  }

  async #setHideLastSeen(hideLastSeen: boolean) {
    this.lastSeenProblem = ''
    try {
      const { settings } = await this.hub.request('me.update', { settings: { hideLastSeen } })
      this.hub.session.onMyChanges({ settings })
    } catch (error) {
      this.lastSeenProblem = errorMessage(error)
      // Back to the saved value.
      this.requestUpdate()
      const choice = this.renderRoot.querySelector('hb-choice')
      if (choice) choice.value = hideLastSeen ? 'everybody' : 'nobody'
    }
  }
}

/** For a user who has left the settings meanwhile. */
function notifyOfFailure(error: unknown): void {
  const app = document.querySelector('hb-desktop, hb-app')
  if (app) notify(app, { text: errorMessage(error), tone: 'danger' })
}

customElements.define('hb-settings-profile', HbSettingsProfile)
