import { css, html, nothing, type PropertyValues } from 'lit'
import type { HubHealth, HubStorage } from '../../shared/contract/admin-hub.ts'
import type { Safety } from '../../shared/contract/continuity.ts'
import type { ContinuityStatus } from '../../shared/contract/standbys.ts'
import { errorMessage } from '../ui/error-message.ts'
import { renderProblem } from '../ui/form.ts'
import { sectionStyles } from '../ui/section-styles.ts'
import { buttonStyles } from '../ui/button.ts'
import { baseStyles } from '../styles/shared.ts'
import { numberText, t } from '../text/t.ts'
import { relativeTime, exactTime } from '../text/time.ts'
import '../ui/hb-icon.ts'
import { untracked } from '../signals/signal.ts'
import { AdminSection } from './admin-section.ts'
import { adminStyles } from './admin-styles.ts'
import { bytesText } from '../text/bytes.ts'
import { durationText } from '../text/duration.ts'
import './hb-admin-activity.ts'
import { computerSigns } from './standby-texts.ts'

type HealthState = HubHealth['disk']['state']
const listFormat = new Intl.ListFormat('en')
/** Of those who wrote too much. */
const maxNames = 10
const stateIcons = { good: 'check', attention: 'info', bad: 'alert' } as const

/** The state of the hub in plain words, and what it stores. */
export class HbAdminHealth extends AdminSection {
  static override properties = {
    ...AdminSection.properties,
    health: { state: true },
    storage: { state: true },
    standbys: { state: true },
  }
  declare health: HubHealth | undefined
  declare storage: HubStorage | undefined
  declare standbys: ContinuityStatus | undefined
  /** What the hub had told about its computers when `standbys` was requested. */
  #changes = 0

  // The check reads the whole audit log and every file.
  protected override readonly refreshMs = 60_000

  static override styles = [
    baseStyles,
    buttonStyles,
    sectionStyles,
    adminStyles,
    css`
      .signs li {
        display: flex;
        gap: var(--space-3);
        padding-block: var(--space-2);
      }
      .signs .button {
        display: flex;
        margin-block: var(--space-2);
      }
      .signs hb-icon {
        flex: none;
        margin-block-start: 3px;
        color: var(--color-online);
      }
      [data-state='attention'] hb-icon {
        color: var(--color-attention);
      }
      [data-state='bad'] hb-icon {
        color: var(--color-danger);
      }
    `,
  ]

  protected async fetchContent() {
    const [health, storage, standbys] = await Promise.all([
      this.hub.request('admin.health'),
      this.hub.request('admin.storage'),
      this.hub.request('continuity.status'),
    ])
    return () => {
      this.health = health
      this.storage = storage
      this.standbys = standbys
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    const { value } = this.hub.continuity.changes
    if (value === this.#changes) return
    this.#changes = value
    untracked(() => void this.#loadStandbys())
  }

  /** Health of the whole hub is too much to check with each change of a standby. */
  async #loadStandbys() {
    // what failed is said with the next check
    const standbys = await this.hub.request('continuity.status').catch(() => this.standbys)
    if (this.#changes === this.hub.continuity.changes.peek()) this.standbys = standbys
  }

  override render() {
    return html`${renderProblem(this.problem)} ${this.health ? this.#renderHealth(this.health) : nothing}
    ${this.storage ? this.#renderStorage(this.storage) : nothing}`
  }

  #renderHealth(health: HubHealth) {
    const {
      disk,
      backup,
      audit,
      clock,
      database,
      files,
      bucket,
      textBudget,
      cluster,
      activity,
      appPackages,
    } = health
    const signs = [
      disk,
      backup,
      audit,
      clock,
      database,
      files,
      textBudget,
      activity,
      ...(bucket ? [bucket] : []),
      ...(cluster ? [cluster] : []),
      ...(appPackages ? [appPackages] : []),
    ]
    const computers = this.standbys ? computerSigns(this.standbys) : []
    const isGood = [...signs, ...computers].every(({ state }) => state === 'good')
    const free = bytesText(disk.free)
    return html`<section>
        <header>
          <h3>${t('admin.health.title')}</h3>
          <p class="muted-text" role="status">${isGood ? t('admin.health.good') : t('admin.health.some')}</p>
        </header>
        <ul class="signs">
          ${this.#renderState(
            disk.state,
            disk.state === 'good'
              ? t('admin.health.diskGood', { free })
              : disk.state === 'attention'
                ? t('admin.health.diskAttention', { free })
                : t('admin.health.diskBad', { free }),
          )}
          ${this.#renderState(backup.state, backupTexts(health, this.hub.continuity.safety.value).join(' '))}
          ${computers.map(({ state, text }) => this.#renderState(state, text))}
          ${this.#renderState(
            audit.state,
            audit.brokenAt === undefined
              ? t('admin.health.auditGood')
              : t('admin.health.auditBad', { row: audit.brokenAt }),
          )}
          ${this.#renderClock(health)} ${this.#renderState(database.state, databaseText(database))}
          ${this.#renderState(
            files.state,
            files.missing > 0
              ? t('admin.health.filesMissing', { count: files.missing })
              : files.unknown > 0
                ? t('admin.health.filesUnknown', { count: files.unknown })
                : t('admin.health.filesGood'),
          )}
          ${this.#renderBucket(health)} ${this.#renderCluster(health)} ${this.#renderActivity(health)}
          ${this.#renderBudget(health)} ${this.#renderPackages(health)}
          ${this.#renderState(
            'good',
            `${t(cluster ? 'admin.health.uptimeOfOne' : 'admin.health.uptime', { time: exactTime(health.startedAt), version: health.version })} ${t(
              'admin.health.connections',
              { count: health.connections },
            )}`,
          )}
        </ul>
      </section>
      <hb-admin-activity
        .activity=${activity}
        .now=${health.now}
        .isOfOne=${cluster !== undefined}
      ></hb-admin-activity>`
  }

  #renderActivity({ activity: { state, loopMs, commitMs, slow } }: HubHealth) {
    const speed =
      state === 'good'
        ? t('admin.health.activityGood')
        : t('admin.health.activitySlow', { pause: durationText(loopMs), commit: durationText(commitMs) })
    return this.#renderState(
      state,
      slow === 0 ? speed : `${speed} ${t('admin.health.slowConsumers', { count: slow })}`,
    )
  }

  /** Without a line if the files are in a folder. */
  #renderBucket({ bucket, now }: HubHealth) {
    if (!bucket) return nothing
    const { state, latencyMs, failedAt, failure = '' } = bucket
    if (state !== 'good') return this.#renderState(state, t('admin.health.bucketBad', { failure }))
    const works =
      latencyMs === undefined
        ? t('admin.health.bucketGood')
        : t('admin.health.bucketTime', { time: durationText(latencyMs) })
    return this.#renderState(
      state,
      failedAt === undefined
        ? works
        : `${works} ${t('admin.health.bucketFailed', { ago: relativeTime(failedAt, now), failure })}`,
    )
  }

  /** Without a line if the hub has one process. */
  #renderCluster({ cluster }: HubHealth) {
    if (!cluster) return nothing
    const { state, processes: count } = cluster
    return this.#renderState(
      state,
      state === 'good' ? t('admin.health.processes', { count }) : t('admin.health.busAway'),
    )
  }

  /** Without a line while nobody has reached it. */
  #renderBudget({ textBudget: { state, reached } }: HubHealth) {
    if (reached.length === 0) return nothing
    const names = listFormat.format(reached.slice(0, maxNames).map(({ name }) => name))
    return this.#renderState(state, t('admin.health.budgetReached', { names, count: reached.length }))
  }

  /** Without a line if the hub passes nothing on. */
  #renderPackages({ appPackages }: HubHealth) {
    if (!appPackages) return nothing
    const { state, version, files, missing } = appPackages
    if (version === undefined) return this.#renderState(state, t('admin.health.packagesNoList'))
    if (files.length === 0) return this.#renderState(state, t('admin.health.packagesNone', { version }))
    const offered = t('admin.health.packages', { version, files: listFormat.format(files) })
    const others = missing > 0 ? ` ${t('admin.health.packagesMissing', { count: missing })}` : ''
    return this.#renderState(state, `${offered}${others}`)
  }

  #renderClock({ clock, now }: HubHealth) {
    const { stepMs = 0 } = clock
    if (clock.state === 'good') return this.#renderState('good', t('admin.health.clockGood'))
    const span = spanText(Math.abs(stepMs))
    const text = t(stepMs > 0 ? 'admin.health.clockAhead' : 'admin.health.clockBehind', {
      span,
      time: exactTime(now),
    })
    if (this.hub.session.me.value?.role !== 'owner') {
      return this.#renderState(clock.state, `${text} ${t('admin.health.clockAsk')}`)
    }
    return this.#renderState(
      clock.state,
      text,
      html`<button class="button" @click=${this.#confirmClock}>${t('admin.health.clockConfirm')}</button>`,
    )
  }

  #confirmClock = async () => {
    try {
      this.health = await this.hub.request('admin.clock.confirm')
    } catch (error) {
      this.problem = errorMessage(error)
    }
  }

  #renderState(state: HealthState, text: string, action: unknown = nothing) {
    return html`<li data-state=${state}>
      <hb-icon name=${stateIcons[state]}></hb-icon>
      <span><span class="visually-hidden">${t(`admin.health.state.${state}`)}: </span>${text} ${action}</span>
    </li>`
  }

  #renderStorage({ database, journal, files, backups, disk, messages, users, chats }: HubStorage) {
    const counted = (one: { count: number; bytes: number }) =>
      t('admin.storage.counted', { bytes: bytesText(one.bytes), count: one.count })
    const facts = [
      [t('admin.storage.messages'), numberText(messages)],
      [t('admin.storage.users'), numberText(users)],
      [t('admin.storage.chats'), numberText(chats)],
      ...(this.health?.database.isServer === true
        ? [[t('admin.storage.server'), bytesText(database)]]
        : [
            [t('admin.storage.database'), bytesText(database)],
            [t('admin.storage.journal'), bytesText(journal)],
          ]),
      [t('admin.storage.files'), counted(files)],
      [t('admin.storage.backups'), counted(backups)],
      [
        t('admin.storage.disk'),
        t('admin.storage.ofTotal', { free: bytesText(disk.free), total: bytesText(disk.total) }),
      ],
    ]
    return html`<section>
      <header><h3>${t('admin.storage.title')}</h3></header>
      <dl>
        ${facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
    </section>`
  }
}

const backupDueMs = 7 * 24 * 60 * 60_000

function databaseText({ state, isServer = false }: HubHealth['database']): string {
  if (isServer) return t(state === 'good' ? 'admin.health.serverGood' : 'admin.health.serverBad')
  return t(state === 'good' ? 'admin.health.databaseGood' : 'admin.health.databaseBad')
}

/** When the last one was made, then everything that was wrong with it. */
function backupTexts({ backup, now }: HubHealth, safety: Safety): string[] {
  const { at, elsewhereAt, isScheduled, places, lost, rehearsal, isByCommand = false } = backup
  const isOld = at !== undefined && now - at >= backupDueMs
  const made =
    at === undefined
      ? t('admin.health.backupNever')
      : t(isOld ? 'admin.health.backupOld' : 'admin.health.backupGood', { ago: relativeTime(at, now) })
  return [
    made,
    // a second computer that has everything has more than any backup
    ...(at === undefined || safety === 'together' || isByCommand ? [] : [elsewhereText(elsewhereAt)]),
    ...(isByCommand ? byCommandTexts(backup) : isScheduled ? [] : [t('admin.health.backupOff')]),
    ...places.map(({ path, state }) => t(placeTexts[state], { path })),
    ...(lost > 0 ? [t('admin.health.backupLost', { count: lost })] : []),
    ...(rehearsal && !rehearsal.isGood
      ? [t('admin.health.rehearsalBad', { ago: relativeTime(rehearsal.at, now) })]
      : []),
  ]
}

/** What the hub does for backups that it does not make. */
function byCommandTexts({ keptMs }: HubHealth['backup']): string[] {
  const kept = keptMs === undefined ? [] : [t('admin.health.filesKept', { span: spanText(keptMs) })]
  return [t('admin.health.backupByCommand'), ...kept]
}

/** Until when everything that was acknowledged survives this disk. */
function elsewhereText(at: number | undefined): string {
  return at === undefined
    ? t('admin.health.notElsewhere')
    : t('admin.health.elsewhere', { time: exactTime(at) })
}

const placeTexts = {
  good: 'admin.health.backupFailed',
  never: 'admin.health.backupFailed',
  away: 'admin.health.backupAway',
  full: 'admin.health.backupFull',
  taken: 'admin.health.backupTaken',
  failed: 'admin.health.backupFailed',
} as const

const hourMs = 60 * 60_000

function spanText(ms: number): string {
  const hours = Math.round(ms / hourMs)
  return hours < 48
    ? t('admin.health.hours', { count: hours })
    : t('admin.health.days', { count: Math.round(hours / 24) })
}

customElements.define('hb-admin-health', HbAdminHealth)
