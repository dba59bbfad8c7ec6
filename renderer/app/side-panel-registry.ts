// The title and the element of each kind of side panel. The element fills its place, has a bar of `panel-styles.ts`
// with a close button (`closeSidePanel`), and may open another panel (`openSidePanel`).
import { html } from 'lit'
import '../files/hb-files-panel.ts'
import '../members/hb-member-panel.ts'
import '../pins/hb-pins.ts'
import '../search/hb-search.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../threads/hb-thread-panel.ts'
import type { SidePanel } from '../navigation/side-panel.ts'

export interface PanelContext {
  readonly hub: Hub
  readonly conversation: Conversation
}

type PanelRegistry = {
  readonly [K in SidePanel['kind']]: {
    readonly label: () => string
    readonly draw: (panel: Extract<SidePanel, { kind: K }>, place: PanelContext) => unknown
    /** It stays open in the next chat. */
    readonly stays?: true
  }
}

const renderMemberPanel = (panel: SidePanel, { hub, conversation }: PanelContext) =>
  html`<hb-member-panel .hub=${hub} .conversation=${conversation} .panel=${panel}></hb-member-panel>`

const panelRegistry: PanelRegistry = {
  members: { label: () => t('members.title'), draw: renderMemberPanel, stays: true },
  user: { label: () => t('members.user'), draw: renderMemberPanel },
  search: {
    label: () => t('search.title'),
    draw: (_, { hub }) => html`<hb-search .hub=${hub}></hb-search>`,
    stays: true,
  },
  pins: {
    label: () => t('pins.title'),
    draw: (_, { hub, conversation }) => html`<hb-pins .hub=${hub} .chatId=${conversation.chatId}></hb-pins>`,
    stays: true,
  },
  files: {
    label: () => t('filesPanel.title'),
    draw: (_, { hub, conversation }) =>
      html`<hb-files-panel .hub=${hub} .chatId=${conversation.chatId}></hb-files-panel>`,
    stays: true,
  },
  thread: {
    label: () => t('threads.title'),
    draw: ({ id }, { hub, conversation }) =>
      html`<hb-thread-panel .hub=${hub} .conversation=${conversation} .messageId=${id}></hb-thread-panel>`,
  },
}

export function panelLabel(panel: SidePanel): string {
  return panelRegistry[panel.kind].label()
}

export function renderPanel(panel: SidePanel, context: PanelContext): unknown {
  return (panelRegistry[panel.kind].draw as (panel: SidePanel, place: PanelContext) => unknown)(
    panel,
    context,
  )
}

/** True if the panel makes sense in the next chat. */
export function staysOpenAcrossChats(panel: SidePanel): boolean {
  return panelRegistry[panel.kind].stays === true
}
