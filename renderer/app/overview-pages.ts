import { html, type LitElement, nothing } from 'lit'
import '../activity/hb-my-activity.ts'
import type { Route } from '../navigation/router.ts'
import '../saved/hb-saved.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../threads/hb-threads.ts'
import { closestAcrossRoots, deepActiveElement } from '../ui/focus.ts'
import { isComposing } from '../ui/keys.ts'

interface Overview {
  readonly title: () => string
  readonly render: (hub: Hub) => unknown
}

/** The pages over all chats, each with its row above the chat list. */
const pages: Partial<Record<Route['page'], Overview>> = {
  threads: {
    title: () => t('threads.all'),
    render: (hub) => html`<hb-threads .hub=${hub}></hb-threads>`,
  },
  activity: {
    title: () => t('activity.title'),
    render: (hub) => html`<hb-my-activity .hub=${hub}></hb-my-activity>`,
  },
  saved: { title: () => t('saved.title'), render: (hub) => html`<hb-saved .hub=${hub}></hb-saved>` },
}

export function isOverview({ page }: Route): boolean {
  return pages[page] !== undefined
}

/** Esc closes what is on top: with nothing else to close, a page over all chats. */
export function leavesOverview(event: KeyboardEvent, route: Route): boolean {
  if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return false
  return isOverview(route) && !closestAcrossRoots(deepActiveElement(), 'dialog, [popover]')
}

/** Where the keyboard begins in the page that the pane shows. */
export async function overviewHeading(pane: Element | null): Promise<HTMLElement | null> {
  const page = pane?.firstElementChild as LitElement | null | undefined
  await page?.updateComplete
  return page?.renderRoot.querySelector('h2') ?? null
}

export function renderOverview({ page }: Route, hub: Hub): unknown {
  return pages[page]?.render(hub) ?? nothing
}

/** For the tab of the browser; undefined elsewhere. */
export function overviewTitle({ page }: Route): string | undefined {
  return pages[page]?.title()
}
