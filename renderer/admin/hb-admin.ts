import { css } from 'lit'
import { HbSettings, type SectionsPage } from '../settings/hb-settings.ts'
import './admin-text.ts'
import { adminSections } from './section-list.ts'
import './sections.ts'

/** The administration, for the owner and admins: the frame of the settings, with more room for tables. */
export class HbAdmin extends HbSettings {
  static override styles = [
    HbSettings.styles,
    css`
      .sheet {
        inline-size: min(1240px, 100%);
      }
      .content > * {
        max-inline-size: none;
      }
      .content > hb-admin-hub {
        max-inline-size: 560px;
      }
      /* lists have one measure, tables the whole width */
      .content > :is(hb-admin-requests, hb-admin-invites, hb-admin-groups, hb-admin-bots, hb-admin-backups) {
        max-inline-size: 720px;
      }
    `,
  ]

  protected override get sectionsPage(): SectionsPage {
    return { page: 'admin', title: 'admin.title', close: 'admin.close', sections: adminSections }
  }
}

customElements.define('hb-admin', HbAdmin)

declare global {
  interface HTMLElementTagNameMap {
    'hb-admin': HbAdmin
  }
}
