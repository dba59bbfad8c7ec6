import { css, html, nothing, LitElement } from 'lit'
import type { HostApi, HostStatus } from '../../shared/desktop.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { renderProblem } from '../ui/form.ts'
import '../ui/hb-choice.ts'
import { confirm } from '../ui/hb-confirm.ts'
import '../ui/hb-field.ts'
import type { DesktopHub } from './desktop.ts'
import './hb-copy-progress.ts'
import './hb-fingerprint.ts'
import { HubMove } from './hub-move.ts'
import { pairingStyles } from './pairing-styles.ts'
import './moves-text.ts'

const steps = ['joining', 'copying', 'handing', 'finishing'] as const

/**
 * Moves a hub to this computer: for its owner, who is logged in here. Emits `hb-move` when it begins, and `hb-followed` at
 * its end.
 */
export class HbMoveHub extends SignalWatcher(LitElement) {
  static override properties = {
    host: { attribute: false },
    status: { attribute: false },
    hubs: { attribute: false },
    hubId: { state: true },
    keepsFormer: { state: true },
    move: { state: true },
    moved: { state: true },
  }
  declare host: HostApi
  declare status: HostStatus
  /** Those whose owner is logged in here. */
  declare hubs: readonly DesktopHub[]
  declare hubId: string | undefined
  declare keepsFormer: boolean
  declare move: HubMove | undefined
  /** The name of the hub that `move` moves. */
  declare moved: string

  static override styles = [
    baseStyles,
    buttonStyles,
    pairingStyles,
    css`
      ol {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        color: var(--color-text-muted);
      }
      li[aria-current] {
        color: var(--color-text);
        font-weight: 500;
      }
      li[data-done]::after {
        content: ' ✓';
      }
    `,
  ]

  constructor() {
    super()
    this.hubs = []
    this.hubId = undefined
    this.keepsFormer = true
    this.move = undefined
    this.moved = ''
  }

  override render() {
    const { move } = this
    if (move && move.end.value === undefined) return this.#renderMove(move)
    const chosen = this.hubs.find(({ id }) => id === this.hubId) ?? this.hubs[0]
    return html`${move ? this.#renderEnd(move) : nothing}
    ${chosen && move?.end.value !== 'done' ? this.#renderForm(chosen) : nothing}`
  }

  #renderForm(chosen: DesktopHub) {
    return html`<p class="muted-text">${t('move.lead')}</p>
      <form
        novalidate
        @change=${this.#change}
        @submit=${(event: SubmitEvent) => void this.#submit(event, chosen)}
      >
        ${
          this.hubs.length > 1
            ? html`<hb-field
                name="hub"
                type="select"
                .label=${t('move.hub')}
                .value=${chosen.id}
                .options=${this.hubs.map(({ id, info }) => ({ value: id, label: info.value.name }))}
              ></hb-field>`
            : html`<strong>${chosen.info.value.name}</strong>`
        }
        <hb-choice
          name="former"
          .label=${t('move.former')}
          .value=${this.keepsFormer ? 'follows' : 'stops'}
          .choices=${[
            { value: 'follows', label: t('move.former.follows'), hint: t('move.former.followsHint') },
            { value: 'stops', label: t('move.former.stops'), hint: t('move.former.stopsHint') },
          ]}
        ></hb-choice>
        <button class="button" type="submit">${this.#actionText(chosen.id)}</button>
      </form>`
  }

  #renderMove(move: HubMove) {
    const present = steps.indexOf(move.step.value)
    const shown = this.keepsFormer ? steps.slice(0, -1) : steps
    return html`<p role="status">${t('move.moving', { hub: this.moved })}</p>
      <ol>
        ${shown.map(
          (step, at) =>
            html`<li aria-current=${at === present ? 'step' : nothing} ?data-done=${at < present}>
              ${t(`move.step.${step}`)}
            </li>`,
        )}
      </ol>
      ${
        move.step.value === 'copying'
          ? html`<hb-copy-progress .following=${this.status.following}></hb-copy-progress>`
          : nothing
      }
      ${renderProblem(move.problem.value)}
      ${
        move.canCancel
          ? html`<button class="button" ?disabled=${move.isCancelling.value} @click=${() => move.cancel()}>
              ${t(move.isCancelling.value ? 'move.cancelling' : 'move.cancel')}
            </button>`
          : nothing
      }`
  }

  #renderEnd({ end, problem }: HubMove) {
    return end.value === undefined
      ? nothing
      : html`<p role="status">${t(`move.${end.value}`, { hub: this.moved })}</p>
          ${renderProblem(problem.value)}`
  }

  /** A computer that follows already has only the end of the move before it. */
  #actionText(id: string): string {
    const { isStandby, hubId } = this.status
    return t(isStandby && hubId === id ? 'move.finish' : 'move.action')
  }

  #change = (event: Event) => {
    const { name, value } = event.target as HTMLInputElement
    if (name === 'hub') this.hubId = value
    if (name === 'former') this.keepsFormer = value === 'follows'
  }

  async #submit(event: SubmitEvent, { id, info, hub }: DesktopHub) {
    event.preventDefault()
    const { name } = info.peek()
    const replacesOwn = this.status.hubId !== undefined && this.status.hubId !== id
    const agreed = await confirm({
      heading: t('move.heading', { hub: name }),
      text: t(replacesOwn ? 'move.textInstead' : 'move.text', { hub: name }),
      content: html`<hb-fingerprint .hubId=${id}></hb-fingerprint>`,
      action: this.#actionText(id),
      run: () => Promise.resolve(),
    })
    if (!agreed) return
    this.dispatchEvent(new CustomEvent('hb-move'))
    this.moved = name
    const move = new HubMove({ hub, host: this.host, keepsFormer: this.keepsFormer })
    this.move = move
    await move.run()
    this.dispatchEvent(new CustomEvent('hb-followed'))
  }
}

customElements.define('hb-move-hub', HbMoveHub)

declare global {
  interface HTMLElementTagNameMap {
    'hb-move-hub': HbMoveHub
  }
}
