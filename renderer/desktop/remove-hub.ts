import type { HubInfo } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'
import { confirm } from '../ui/hb-confirm.ts'
import './desktop-text.ts'
import type { Desktop } from './desktop.ts'

/** After a question: removes a hub from this app with all that is cached of it. The data of the hub stays there. */
export async function confirmRemoveHub(desktop: Desktop, { id, name, isHosted }: HubInfo): Promise<void> {
  await confirm({
    heading: t('changed.removeTitle', { name }),
    text: t(isHosted ? 'rail.removeHosted' : 'changed.removeText'),
    action: t('changed.remove', { name }),
    danger: true,
    run: () => desktop.remove(id),
  })
}
