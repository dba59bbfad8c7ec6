// How each kind of panel is called and drawn. An element of a panel fills its place, has a bar of `panel-styles.ts` with a
// way out (`closePanel`), and may open another one (`openPanel`).
import { html } from 'lit'
import '../files/hb-files-panel.ts'
import '../members/hb-member-panel.ts'
import '../pins/hb-pins.ts'
import '../search/hb-search.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../threads/hb-thread-panel.ts'
import type { Panel } from './panel.ts'

export interface PanelPlace {
  readonly hub: Hub
  readonly conversation: Conversation
}

type Kinds = {
  readonly [K in Panel['kind']]: {
    readonly label: () => string
    readonly draw: (panel: Extract<Panel, { kind: K }>, place: PanelPlace) => unknown
    /** Goes along to the next chat. */
    readonly stays?: true
  }
}

const members = (panel: Panel, { hub, conversation }: PanelPlace) =>
  html`<hb-member-panel .hub=${hub} .conversation=${conversation} .panel=${panel}></hb-member-panel>`

const kinds: Kinds = {
  members: { label: () => t('members.title'), draw: members, stays: true },
  person: { label: () => t('members.person'), draw: members },
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

export function labelOfPanel(panel: Panel): string {
  return kinds[panel.kind].label()
}

export function drawPanel(panel: Panel, place: PanelPlace): unknown {
  return (kinds[panel.kind].draw as (panel: Panel, place: PanelPlace) => unknown)(panel, place)
}

/** Whether it is as good in the next chat. */
export function staysOpen(panel: Panel): boolean {
  return kinds[panel.kind].stays === true
}
