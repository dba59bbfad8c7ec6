import { css, html, nothing } from 'lit'
import type { BackupPlace, BackupPoint, BackupStatus } from '../../shared/contract/backups.ts'
import type { Input } from '../../shared/contract.ts'
import { withReauthentication } from '../accounts/reauthenticate.ts'
import { addressesOf } from '../connection/addresses.ts'
import { baseStyles } from '../styles/shared.ts'
import { bytesText } from '../text/bytes.ts'
import { t } from '../text/t.ts'
import { exactTime, relativeTime } from '../text/time.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import { type FieldProblems, focusFirstProblem, formValues, renderProblem } from '../ui/form.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'

const keepLimits = { days: 90, weeks: 104, months: 120 } as const
type KeepName = keyof typeof keepLimits
const keepNames: readonly KeepName[] = ['days', 'weeks', 'months']

/** The backups that the hub makes by itself: where, when, which there are. For the owner. */
export class HbAdminBackups extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    status: { state: true },
    problems: { state: true },
    typedValues: { state: true },
    newPlace: { state: true },
  }
  declare status: BackupStatus | undefined
  declare problems: FieldProblems
  /** The schedule as typed, while it is not saved. */
  declare typedValues: Record<string, string>
  declare newPlace: string

  protected override readonly refreshMs = 3_000

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      form {
        max-inline-size: 560px;
      }
      .keep {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(100px, 1fr));
        gap: var(--space-3);
      }
      .path {
        overflow-wrap: anywhere;
      }
    `,
  ]

  constructor() {
    super()
    this.status = undefined
    this.problems = {}
    this.typedValues = {}
    this.newPlace = ''
  }

  get #isForbidden(): boolean {
    const me = this.hub.session.me.value
    return me !== undefined && me.role !== 'owner'
  }

  protected async fetchContent() {
    const status = this.#isForbidden ? undefined : await this.hub.request('admin.backups')
    return () => {
      this.status = status
    }
  }

  override render() {
    if (this.#isForbidden) return html`<p class="muted-text">${t('backups.ownerOnly')}</p>`
    const { status } = this
    return html`${renderProblem(this.problem)}
    ${
      status
        ? html`${this.#renderSummary(status)} ${this.#renderPlaces(status)} ${this.#renderSchedule(status)}
          ${this.#renderPoints(status)}`
        : nothing
    }`
  }

  #renderSummary({ isOn, nextAt, work, rehearsal }: BackupStatus) {
    const next =
      isOn && nextAt !== undefined ? t('backups.next', { time: exactTime(nextAt) }) : t('backups.off')
    return html`<section>
      <p class="muted-text">${t('backups.lead')}</p>
      <p role="status">${work ? t(`backups.work.${work}`) : next}</p>
      <p class="muted-text">${rehearsal ? rehearsalText(rehearsal) : t('backups.neverRehearsed')}</p>
      <div class="actions">
        <button
          class="button primary"
          aria-disabled=${work !== undefined}
          @click=${() => void this.#startWork(() => this.hub.request('admin.backups.make'))}
        >
          ${t('backups.make')}
        </button>
        <button
          class="button"
          aria-disabled=${work !== undefined}
          @click=${() => void this.#startWork(() => this.hub.request('admin.backups.rehearse'))}
        >
          ${t('backups.rehearse')}
        </button>
      </div>
    </section>`
  }

  #renderPlaces({ places, isFixed }: BackupStatus) {
    return html`<section>
      <header>
        <h3>${t('backups.places')}</h3>
        <p class="muted-text">${isFixed ? t('backups.fixed') : t('backups.placesLead')}</p>
      </header>
      <ul class="rows">
        ${keyedList(
          places,
          ({ path }) => path,
          (place) => this.#renderPlace(place, isFixed),
        )}
      </ul>
      ${
        isFixed
          ? nothing
          : html`<form novalidate @submit=${this.#addPlace}>
              <hb-field
                name="place"
                type="code"
                .label=${t('backups.newPlace')}
                .hint=${t('backups.newPlaceHint')}
                .value=${this.newPlace}
                .error=${this.problems.place ?? ''}
                .maxlength=${1000}
              ></hb-field>
              <div class="actions">
                <button class="button" type="submit">${t('backups.add')}</button>
              </div>
            </form>`
      }
    </section>`
  }

  #renderPlace(place: BackupPlace, isFixed: boolean) {
    const { path, state, at, problem, isSameDisk, free } = place
    return html`<li>
      <div class="main">
        <span class="name path">${path}</span>
        <span class="below">
          <span class="tag" ?data-bad=${!['good', 'never'].includes(state)}
            >${t(`backups.state.${state}`)}</span
          >
          ${problem ?? ''}
          ${at === undefined ? nothing : t('backups.last', { ago: relativeTime(at, this.hub.now()) })}
          ${free === undefined ? nothing : t('backups.free', { free: bytesText(free) })}
        </span>
        ${isSameDisk ? html`<span class="below">${t('backups.sameDisk')}</span>` : nothing}
      </div>
      ${
        isFixed
          ? nothing
          : html`<div class="actions">
              ${
                state === 'taken'
                  ? html`<button class="button small" @click=${() => void this.#takeOver(path)}>
                      ${t('backups.takeOver')}
                    </button>`
                  : nothing
              }
              <button class="button small" @click=${() => void this.#removePlace(path)}>
                ${t('backups.remove')}
              </button>
            </div>`
      }
    </li>`
  }

  #renderSchedule({ isOn, isFixed, time, keep }: BackupStatus) {
    const typed = this.typedValues
    return html`<section>
      <h3>${t('backups.schedule')}</h3>
      <form novalidate @submit=${this.#saveSchedule}>
        ${
          isFixed
            ? nothing
            : html`<hb-choice
                name="isOn"
                .label=${t('backups.isOn')}
                .value=${typed.isOn ?? (isOn ? 'on' : 'off')}
                .choices=${[
                  { value: 'on', label: t('backups.on'), hint: t('backups.onHint') },
                  { value: 'off', label: t('backups.isOff'), hint: t('backups.offHint') },
                ]}
              ></hb-choice>`
        }
        <hb-field
          name="time"
          .label=${t('backups.time')}
          .hint=${t('backups.timeHint')}
          .value=${typed.time ?? time}
          .error=${this.problems.time ?? ''}
          .maxlength=${5}
        ></hb-field>
        <div class="keep">
          ${keepNames.map(
            (name) =>
              html`<hb-field
                name=${name}
                .label=${t(`backups.${name}`)}
                .value=${typed[name] ?? String(keep[name])}
                .error=${this.problems[name] ?? ''}
                .maxlength=${3}
              ></hb-field>`,
          )}
        </div>
        <p class="muted-text">${t('backups.keepHint')}</p>
        <div class="actions">
          <button class="button" type="submit">${t('group.save')}</button>
        </div>
      </form>
    </section>`
  }

  #renderPoints({ points, work }: BackupStatus) {
    return html`<section>
      <header>
        <h3>${t('backups.points')}</h3>
        <p class="muted-text">${t('backups.restoreHint')}</p>
      </header>
      ${points.length === 0 ? html`<p role="status">${t('backups.none')}</p>` : nothing}
      <ul class="rows">
        ${keyedList(
          points,
          ({ id }) => id,
          (point) => this.#renderPoint(point, work !== undefined),
        )}
      </ul>
    </section>`
  }

  #renderPoint(point: BackupPoint, isWorking: boolean) {
    const { id, path, madeAt, lost, verifiedAt, problem } = point
    return html`<li>
      <div class="main">
        <span class="name">${exactTime(madeAt)}</span>
        <span class="below">${contentText(point)}</span>
        ${lost > 0 ? html`<span class="below">${t('backups.lost', { count: lost })}</span>` : nothing}
        <span class="below">
          ${
            problem === undefined
              ? html`<span class="tag"
                  >${t('backups.verified', { ago: relativeTime(verifiedAt, this.hub.now()) })}</span
                >`
              : html`<span class="tag" data-bad>${t('backups.damaged')}</span> ${problem}`
          }
          <span class="path">${path}</span>
        </span>
      </div>
      <div class="actions">
        <button
          class="button small"
          aria-disabled=${isWorking}
          @click=${() => void this.#startWork(() => this.hub.request('admin.backups.verify', { pointId: id }))}
        >
          ${t('backups.verify')}
        </button>
        ${
          problem === undefined
            ? html`<button class="button small" @click=${() => void this.#download(id)}>
                ${t('backups.download')}
              </button>`
            : nothing
        }
      </div>
    </li>`
  }

  /** Shows the status that a request returns, or why it failed. */
  async #run(request: () => Promise<BackupStatus>): Promise<void> {
    try {
      this.status = await request()
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  async #startWork(request: () => Promise<BackupStatus>): Promise<void> {
    if (this.status?.work === undefined) await this.#run(request)
  }

  #update(input: Input<'admin.backups.update'>): Promise<BackupStatus> {
    return withReauthentication(this.hub, () => this.hub.request('admin.backups.update', input))
  }

  #addPlace = async (event: SubmitEvent) => {
    event.preventDefault()
    const { place = '' } = formValues(event.target as HTMLFormElement)
    this.newPlace = place
    try {
      const paths = this.status?.places.map(({ path }) => path) ?? []
      this.status = await this.#update({ places: [...paths, place.trim()] })
      this.newPlace = ''
      this.problems = {}
    } catch (error) {
      this.problems = { place: errorMessage(error) }
      await this.updateComplete
      focusFirstProblem(this.renderRoot)
    }
  }

  async #removePlace(path: string): Promise<void> {
    const places = (this.status?.places ?? []).map((place) => place.path).filter((one) => one !== path)
    await confirm({
      heading: t('backups.removeHeading', { path }),
      text: t('backups.removeText'),
      action: t('backups.remove'),
      danger: true,
      run: async () => {
        this.status = await this.#update({ places })
      },
    })
  }

  async #takeOver(path: string): Promise<void> {
    await confirm({
      heading: t('backups.takeOverHeading', { path }),
      text: t('backups.takeOverText'),
      action: t('backups.takeOver'),
      run: async () => {
        this.status = await this.#update({ takeOver: true })
      },
    })
  }

  #saveSchedule = async (event: SubmitEvent) => {
    event.preventDefault()
    const values = formValues(event.target as HTMLFormElement)
    this.typedValues = values
    this.problems = checkSchedule(values)
    if (Object.keys(this.problems).length > 0) {
      await this.updateComplete
      focusFirstProblem(this.renderRoot)
      return
    }
    const [days = 1, weeks = 0, months = 0] = keepNames.map((name) => Number(values[name]))
    await this.#run(async () => {
      const status = await this.#update({
        time: values.time?.trim() ?? '',
        keep: { days, weeks, months },
        ...(values.isOn === undefined ? {} : { isOn: values.isOn === 'on' }),
      })
      this.typedValues = {}
      notify(this, { text: t('backups.saved') })
      return status
    })
  }

  async #download(pointId: string): Promise<void> {
    await confirm({
      heading: t('backups.downloadHeading'),
      text: t('backups.downloadText'),
      action: t('backups.download'),
      run: async () => {
        const { path } = await withReauthentication(this.hub, () =>
          this.hub.request('admin.backups.download', { pointId }),
        )
        // a large file goes to the disk as it arrives, so the browser has to fetch it
        const link = document.createElement('a')
        link.href = addressesOf(this.hub.base).api(path)
        link.download = ''
        link.click()
      },
    })
  }
}

function contentText({ messages, files, bytes }: BackupPoint): string {
  const counts = [t('backups.messages', { count: messages }), t('backups.files', { count: files })]
  return [...counts, bytesText(bytes)].join(', ')
}

function rehearsalText({
  at,
  messages = 0,
  ms = 0,
  problem,
}: NonNullable<BackupStatus['rehearsal']>): string {
  const ago = relativeTime(at, Date.now())
  return problem === undefined
    ? t('backups.rehearsed', { ago, count: messages, ms })
    : t('backups.rehearsalFailed', { ago, problem })
}

function checkSchedule(values: Record<string, string>): FieldProblems {
  const problems: FieldProblems = {}
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(values.time?.trim() ?? '')) problems.time = t('backups.timeWrong')
  for (const name of keepNames) {
    const text = values[name]?.trim() ?? ''
    const number = Number(text)
    const isFine = /^\d{1,3}$/.test(text) && number <= keepLimits[name] && (name !== 'days' || number > 0)
    if (!isFine) problems[name] = t('backups.keepWrong', { most: keepLimits[name] })
  }
  return problems
}

customElements.define('hb-admin-backups', HbAdminBackups)
