import { html } from 'lit'
import { readAppearance, updateAppearance } from '../styles/appearance.ts'
import { t } from '../text/t.ts'
import '../ui/hb-choice.ts'

/** The mark on the title and the icon of this window. It is no notification: it shows without a sound or a note. */
export function renderUnreadMark() {
  return html`<hb-choice
      name="unreadMark"
      .label=${t('notifications.mark')}
      .value=${readAppearance().unreadMark}
      .choices=${[
        { value: 'count', label: t('notifications.count'), hint: t('notifications.countHint') },
        { value: 'dot', label: t('notifications.dot'), hint: t('notifications.dotHint') },
        { value: 'none', label: t('notifications.none'), hint: t('notifications.noneHint') },
      ]}
      @change=${(event: Event) => updateAppearance({ unreadMark: (event.target as HTMLInputElement).value as 'count' })}
    ></hb-choice>
    <p class="muted-text">${t('notifications.markNote')}</p>`
}
