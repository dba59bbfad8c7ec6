import { html, nothing, type TemplateResult } from 'lit'
import type { HostStatus } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'

export interface HostingActions {
  start: () => void
  stop: () => void
  restart: () => void
  invite: () => void
  setUp: () => void
}

/** The buttons for the state of the hub of this computer. Each state has one that ends it. */
export function renderHostingActions(status: HostStatus, isBusy: boolean, actions: HostingActions) {
  switch (status.state) {
    case 'running':
      return status.isHanging ? renderHanging(isBusy, actions) : renderRunning(status, isBusy, actions)
    case 'starting':
      return renderButton('hosting.stop', actions.stop)
    case 'crashed':
      return html`${renderButton('hosting.start', actions.start, { isPrimary: true })}
      ${status.willRestart ? renderButton('hosting.stop', actions.stop) : nothing}`
    default:
      return renderButton('hosting.start', actions.start, {
        isPrimary: true,
        isBusy: status.state === 'stopping',
      })
  }
}

function renderRunning(status: HostStatus, isBusy: boolean, actions: HostingActions): TemplateResult {
  return html`${status.isStandby ? nothing : renderNextStep(status, actions)}
    ${renderButton('hosting.stop', actions.stop, { isBusy })}
    <button
      class="icon-button"
      aria-label=${t('hosting.restart')}
      data-tip=${t('hosting.restart')}
      aria-disabled=${isBusy}
      @click=${actions.restart}
    >
      <hb-icon name="retry"></hb-icon>
    </button>`
}

function renderHanging(isBusy: boolean, actions: HostingActions): TemplateResult {
  return html`${renderButton('hosting.restart', actions.restart, { isPrimary: true, isBusy })}
  ${renderButton('hosting.stop', actions.stop, { isBusy })}`
}

/** A hub without an owner, as after a quit during the set-up, has nobody to invite people. */
function renderNextStep(status: HostStatus, actions: HostingActions): TemplateResult {
  if (status.isSetUp === false) return renderButton('hosting.setUp', actions.setUp, { isPrimary: true })
  return html`<button class="button primary" @click=${actions.invite}>
    <hb-icon name="user-plus"></hb-icon>${t('hosting.invite')}
  </button>`
}

function renderButton(
  label: 'hosting.start' | 'hosting.stop' | 'hosting.restart' | 'hosting.setUp',
  press: () => void,
  { isPrimary = false, isBusy = false } = {},
): TemplateResult {
  return html`<button class="button ${isPrimary ? 'primary' : ''}" aria-disabled=${isBusy} @click=${press}>
    ${t(label)}
  </button>`
}
