import { html, nothing } from 'lit'
import '../activity/hb-my-activity.ts'
import type { Route } from '../navigation/router.ts'
import '../saved/hb-saved.ts'
import type { Hub } from '../state/hub.ts'
import '../threads/hb-threads.ts'

/** The pages over all chats, each with its row above the chat list. */
const pages: Partial<Record<Route['page'], (hub: Hub) => unknown>> = {
  threads: (hub) => html`<hb-threads .hub=${hub}></hb-threads>`,
  activity: (hub) => html`<hb-my-activity .hub=${hub}></hb-my-activity>`,
  saved: (hub) => html`<hb-saved .hub=${hub}></hb-saved>`,
}

export function isOverview({ page }: Route): boolean {
  return pages[page] !== undefined
}

export function renderOverview({ page }: Route, hub: Hub): unknown {
  return pages[page]?.(hub) ?? nothing
}
