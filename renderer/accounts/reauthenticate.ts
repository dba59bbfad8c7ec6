import { html } from 'lit'
import { reauthenticationField } from '../../shared/errors.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { errorField } from '../ui/error-message.ts'
import { askPassword } from '../ui/hb-password-dialog.ts'

/** Runs `run`. If the hub asks for the password, asks the user for it and runs it again. @throws what `run` throws */
export async function withReauthentication<T>(hub: Hub, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (errorField(error) !== reauthenticationField || !(await reauthenticate(hub))) throw error
    return run()
  }
}

function reauthenticate(hub: Hub): Promise<boolean> {
  return askPassword({
    heading: t('reauthenticate.heading'),
    body: html`<p class="muted-text">${t('reauthenticate.text')}</p>`,
    action: t('reauthenticate.action'),
    confirm: async (current) => void (await hub.request('sessions.reauthenticate', { current })),
  })
}
