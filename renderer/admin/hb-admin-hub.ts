import { html, LitElement, nothing } from 'lit'
import type { HubSettings } from '../../shared/contract/admin.ts'
import { limits, type Registration } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import {
  changedValues,
  withoutEmpty,
  type FieldProblems,
  focusFirstProblem,
  renderProblem,
  formValues,
} from '../ui/form.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { isNamedGroup } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage, errorField } from '../ui/error-message.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import { notify } from '../ui/hb-toasts.ts'

/** The name of the hub, and the owner's decisions: who may register, and how accounts are recovered. */
export class HbAdminHub extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    busy: { state: true },
    problem: { state: true },
    problems: { state: true },
    draft: { state: true },
    retentionChoice: { state: true },
    typedValues: { state: true },
  }
  declare hub: Hub
  declare busy: boolean
  declare problem: string
  declare problems: FieldProblems
  /** The values of the form; a failed attempt keeps them. */
  declare draft: HubSettings | undefined
  /** The retention as it is chosen: see `retentionChoiceOf`. */
  declare retentionChoice: string
  /** The numbers as typed, while they are not saved. */
  declare typedValues: Record<string, string>
  /** The settings of the hub. */
  #saved: HubSettings | undefined

  static override styles = [baseStyles, buttonStyles, sectionStyles]

  constructor() {
    super()
    this.busy = false
    this.problem = ''
    this.problems = {}
    this.draft = undefined
    this.retentionChoice = 'ever'
    this.typedValues = {}
  }

  protected override firstUpdated(): void {
    void this.#load()
  }

  async #load() {
    try {
      if (!this.hub.groups.ready.value) await this.hub.groups.load()
      this.#applySettings(await this.hub.request('admin.settings'))
      this.problem = ''
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }

  #applySettings(settings: HubSettings) {
    this.draft = settings
    this.#saved = settings
    this.retentionChoice = retentionChoiceOf(settings.retentionDays)
    this.typedValues = {}
  }

  override render() {
    const { draft } = this
    if (!draft) {
      return html`${renderProblem(this.problem)}
      ${
        this.problem
          ? html`<div class="actions">
              <button class="button" @click=${() => void this.#load()}>${t('common.retry')}</button>
            </div>`
          : nothing
      }`
    }
    const isOwner = this.hub.session.me.value?.role === 'owner'
    return html`<form novalidate @submit=${this.#submit}>
      <hb-field
        name="hubName"
        .label=${t('admin.hubName')}
        .value=${draft.hubName}
        .error=${this.problems.hubName ?? ''}
      ></hb-field>
      <hb-field
        name="teamGroup"
        type="select"
        .label=${t('admin.hub.teamGroup')}
        .hint=${t('admin.hub.teamGroupHint')}
        .value=${draft.teamGroup ?? ''}
        .error=${this.problems.teamGroup ?? ''}
        .options=${teamGroupOptions(this.hub)}
      ></hb-field>
      ${isOwner ? this.#renderOwnerSettings(draft) : html`<p class="muted-text">${t('admin.onlyOwner')}</p>`}
      ${renderProblem(this.problem)}
      <div class="actions">
        <button class="button primary" type="submit" aria-disabled=${this.busy}>
          ${this.busy ? t('group.saving') : t('group.save')}
        </button>
      </div>
    </form>`
  }

  #renderOwnerSettings(draft: HubSettings) {
    return html`<hb-choice
        name="registration"
        .label=${t('admin.registration')}
        .value=${draft.registration}
        .choices=${[
          { value: 'invite', label: t('setup.invite'), hint: t('setup.inviteHint') },
          { value: 'approval', label: t('admin.hub.approval'), hint: t('admin.hub.approvalHint') },
          { value: 'open', label: t('setup.open'), hint: t('setup.openHint') },
          { value: 'closed', label: t('admin.hub.closed'), hint: t('admin.hub.closedHint') },
        ]}
      ></hb-choice>
      <hb-choice
        name="recovery"
        .label=${t('admin.hub.recovery')}
        .value=${draft.recoveryByQuestion ? 'yes' : 'no'}
        .choices=${[
          { value: 'yes', label: t('admin.hub.recoveryYes'), hint: t('admin.hub.recoveryYesHint') },
          { value: 'no', label: t('admin.hub.recoveryNo'), hint: t('admin.hub.recoveryNoHint') },
        ]}
      ></hb-choice>
      <hb-field
        name="groupMembers"
        .label=${t('admin.hub.groupMembers')}
        .hint=${t('admin.hub.groupMembersHint', { most: limits.groupMembers })}
        .value=${this.typedValues.groupMembers ?? String(draft.groupMembers)}
        .error=${this.problems.groupMembers ?? ''}
        .maxlength=${4}
      ></hb-field>
      <hb-field
        name="fileBytes"
        .label=${t('admin.hub.fileSize')}
        .hint=${t('admin.hub.sizeHint', sizeRange('fileBytes'))}
        .value=${this.typedValues.fileBytes ?? sizeText('fileBytes', draft.fileBytes)}
        .error=${this.problems.fileBytes ?? ''}
        .maxlength=${10}
      ></hb-field>
      <hb-field
        name="userBytes"
        .label=${t('admin.hub.personStorage')}
        .hint=${t('admin.hub.personStorageHint', sizeRange('userBytes'))}
        .value=${this.typedValues.userBytes ?? sizeText('userBytes', draft.userBytes)}
        .error=${this.problems.userBytes ?? ''}
        .maxlength=${10}
      ></hb-field>
      <hb-field
        name="keep"
        type="select"
        .label=${t('admin.hub.keep')}
        .hint=${this.retentionChoice === 'ever' ? '' : t('admin.hub.keepHint')}
        .value=${this.retentionChoice}
        .options=${retentionOptions()}
        @change=${(event: Event) => {
          this.retentionChoice = (event.target as HTMLSelectElement).value
        }}
      ></hb-field>
      ${this.retentionChoice === 'own' ? this.#renderCustomRetention(draft) : nothing}`
  }

  #renderCustomRetention({ retentionDays }: HubSettings) {
    return html`<hb-field
      name="retentionDays"
      .label=${t('admin.hub.keepOwnLabel')}
      .hint=${t('admin.hub.keepOwnHint', { most: limits.retentionDays })}
      .value=${this.typedValues.retentionDays ?? String(retentionDays ?? '')}
      .error=${this.problems.retentionDays ?? ''}
      .maxlength=${4}
    ></hb-field>`
  }

  #submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!this.busy) void this.#save(formValues(event.target as HTMLFormElement))
  }

  async #save(values: Record<string, string>) {
    const { draft } = this
    if (!draft) return
    const isOwner = this.hub.session.me.value?.role === 'owner'
    this.typedValues = values
    this.draft = { ...draft, hubName: normalizeLine(values.hubName ?? '') }
    this.draft.teamGroup = values.teamGroup || null
    if (isOwner) {
      this.draft.registration = values.registration as Registration
      this.draft.recoveryByQuestion = values.recovery === 'yes'
      this.draft.groupMembers = Number(values.groupMembers?.trim() || Number.NaN)
      for (const name of ['fileBytes', 'userBytes'] as const) {
        // A script may have set a size that the field rounds: it stays unless the user changes it.
        if (values[name] === sizeText(name, draft[name])) continue
        this.draft[name] = Math.round(Number(values[name]?.trim() || Number.NaN) * sizeUnits[name].bytes)
      }
      this.draft.retentionDays = chosenRetentionDays(values)
    }
    this.problem = ''
    this.problems = checkSettings(this.draft)
    if (Object.keys(this.problems).length === 0) {
      this.busy = true
      try {
        const { hubName, teamGroup } = this.draft
        const changes = changedValues<Partial<HubSettings>>(
          this.#saved ?? {},
          isOwner ? this.draft : { hubName, teamGroup },
        )
        const send = async () =>
          this.#applySettings(
            await withReauthentication(this.hub, () => this.hub.request('admin.settings.update', changes)),
          )
        const { retentionDays } = this.draft
        if (isShorterRetention(retentionDays, this.#saved?.retentionDays ?? null)) {
          if (!(await this.#confirmRetention(retentionDays, send))) return
        } else {
          await send()
        }
        notify(this, { text: t('admin.saved') })
        return
      } catch (error) {
        const field = errorField(error) ?? ''
        if (field in this.draft) this.problems = { [field]: errorMessage(error) }
        else this.problem = errorMessage(error)
      } finally {
        this.busy = false
      }
    }
    await this.updateComplete
    focusFirstProblem(this.renderRoot)
  }

  async #confirmRetention(days: number, run: () => Promise<void>) {
    const { messages } = await this.hub.request('admin.retention', { days })
    return confirm({
      heading: t('admin.hub.expireTitle', { count: days }),
      text: messages === 0 ? t('admin.hub.expireNone') : t('admin.hub.expireText', { count: messages }),
      action: t('admin.hub.expireAction'),
      danger: true,
      run,
    })
  }
}

/** The public groups that are not archived, by name. */
function teamGroupOptions(hub: Hub) {
  const mine = hub.chats.list.value.filter(
    (chat) => isNamedGroup(chat) && chat.visibility === 'public' && !chat.archived,
  )
  const names = new Map([...hub.groups.list.value, ...mine].map(({ id, name = '' }) => [id, name]))
  const groups = [...names]
    .map(([value, name]) => ({ value, label: `#${name}` }))
    .sort((a, b) => a.label.localeCompare(b.label))
  return [{ value: '', label: t('admin.hub.teamGroupNone') }, ...groups]
}

function retentionOptions() {
  const days = (count: number) => ({ value: String(count), label: t('admin.hub.keepDays', { count }) })
  return [
    { value: 'ever', label: t('admin.hub.keepEver') },
    days(30),
    days(90),
    { value: '365', label: t('admin.hub.keepYear') },
    { value: 'own', label: t('admin.hub.keepOwn') },
  ]
}

function retentionChoiceOf(retentionDays: number | null): string {
  if (retentionDays === null) return 'ever'
  return [30, 90, 365].includes(retentionDays) ? String(retentionDays) : 'own'
}

function chosenRetentionDays({ keep, retentionDays = '' }: Record<string, string>): number | null {
  if (keep === 'ever') return null
  return Number((keep === 'own' ? retentionDays.trim() : keep) || Number.NaN)
}

function isShorterRetention(days: number | null, before: number | null): days is number {
  return days !== null && (before === null || days < before)
}

/** Units of the size fields. The storage of a user may be a fraction of its unit. */
const sizeUnits = {
  fileBytes: { bytes: 1024 ** 2, decimals: 0 },
  userBytes: { bytes: 1024 ** 3, decimals: 3 },
} as const
type SizeSetting = keyof typeof sizeUnits

function sizeText(setting: SizeSetting, size: number): string {
  const { bytes, decimals } = sizeUnits[setting]
  return String(Math.floor((size / bytes) * 10 ** decimals) / 10 ** decimals)
}

function sizeRange(setting: SizeSetting) {
  const { bytes, decimals } = sizeUnits[setting]
  const { min, max } = limits[setting]
  return {
    least: Math.ceil((min / bytes) * 10 ** decimals) / 10 ** decimals,
    most: Math.floor((max / bytes) * 10 ** decimals) / 10 ** decimals,
  }
}

function checkSize(setting: SizeSetting, size: number): string | undefined {
  const { min, max } = limits[setting]
  if (Number.isInteger(size) && size >= min && size <= max) return undefined
  return t('admin.hub.sizeWrong', sizeRange(setting))
}

function checkSettings(settings: HubSettings): FieldProblems {
  const { hubName, groupMembers, fileBytes, userBytes, retentionDays } = settings
  const isKept =
    retentionDays === null ||
    (Number.isInteger(retentionDays) && retentionDays >= 1 && retentionDays <= limits.retentionDays)
  const most = limits.groupMembers
  const fits = Number.isInteger(groupMembers) && groupMembers >= 2 && groupMembers <= most
  return withoutEmpty({
    hubName: hubName
      ? checkLine(hubName, t('admin.hubName'), limits.hubName)?.message
      : t('setup.needHubName'),
    groupMembers: fits ? undefined : t('admin.hub.groupMembersWrong', { most }),
    fileBytes: checkSize('fileBytes', fileBytes),
    userBytes: checkSize('userBytes', userBytes),
    retentionDays: isKept ? undefined : t('admin.hub.keepOwnHint', { most: limits.retentionDays }),
  })
}

customElements.define('hb-admin-hub', HbAdminHub)
