import { html } from 'lit'
import type { ContinuityStatus } from '../../shared/contract/standbys.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { askPassword } from '../ui/hb-password-dialog.ts'

/**
 * Asks the owner if the hub is to go on without the standby of this name. Asks for the password in the same dialog: while it
 * waits, the hub cannot write down that it was confirmed before. Returns the status of the hub once it goes on; undefined if
 * the owner waits.
 */
export async function goOnWithout(hub: Hub, name: string): Promise<ContinuityStatus | undefined> {
  let status: ContinuityStatus | undefined
  await askPassword({
    heading: t('standbys.goOnHeading', { name }),
    body: html`<p>${t('standbys.goOnTwo', { name })}</p>
      <p>${t('standbys.goOnLoss')}</p>
      <p class="muted-text">${t('standbys.goOnAlone')}</p>`,
    action: t('standbys.goOn', { name }),
    cancel: t('standbys.goOnCancel'),
    isDangerous: true,
    confirm: async (current) => void (status = await hub.request('continuity.goOn', { current })),
  })
  return status
}
