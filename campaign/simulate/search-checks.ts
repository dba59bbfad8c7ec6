import type Database from 'better-sqlite3'
import type { Hub as Page } from '../../renderer/state/hub.ts'
import type { Simulation } from './simulation.ts'

/** A search finds the messages that its user may read, and no other: on the hub, and in what a device keeps. */

const query = { text: 'writes', chips: [] }
const searchMs = 3_000

export async function findSearchProblems({ actors, hub, time }: Simulation): Promise<string[]> {
  const pages = actors.flatMap(({ device, browser }) =>
    browser.tabs.map(({ page, no }) => ({ page, userId: device.userId, name: `${device.name}: tab ${no}` })),
  )
  const live = pages.filter(({ page }) => page.connectionState.peek() === 'live')
  const kept = live.map(({ page }) => {
    page.search.run(query)
    return page.search.areHitsCurrent ? shownHits(page) : []
  })
  await time.advance(searchMs)
  return hub.readRows((raw) =>
    live.flatMap(({ page, userId, name }, at) => {
      const wanted = findReadable(raw, userId)
      return [
        ...(kept[at] ?? [])
          .filter(({ id, text }) => wanted.get(id) !== text)
          .map(({ text }) => `${name}: the search on the device finds “${text}”`),
        ...compareHits(page, wanted).map((words) => `${name}: ${words}`),
      ]
    }),
  )
}

function shownHits(page: Page): { id: string; text: string }[] {
  return page.search.hits.peek().map(({ message: { id, text } }) => ({ id, text }))
}

function compareHits(page: Page, wanted: ReadonlyMap<string, string>): string[] {
  const { status, searchedText, nextCursor } = page.search
  // too many searches at once
  if (status.peek() === 'refused') return []
  if (status.peek() !== 'done') return [`the search is ${status.peek()}: ${searchedText.peek()}`]
  const found = shownHits(page).map(({ id }) => id)
  const all = [...wanted.keys()]
  const expected = nextCursor.peek() === undefined ? all : all.slice(0, found.length)
  if (found.join(' ') === expected.join(' ')) return []
  return [`the search finds [${found.join(' ')}] instead of [${expected.join(' ')}]`]
}

/** The texts that a search must find, by the ids of their messages, the newest first. */
function findReadable(raw: Database.Database, userId: string): Map<string, string> {
  const rows = raw
    .prepare(
      `select m.id, m.text from message m
       join membership s on s.chat_id = m.chat_id and s.user_id = ?
       join chat c on c.id = m.chat_id and c.deleted_at is null
       where m.deleted_at is null and m.text like '%writes%'
         and not exists (select 1 from hidden_message h where h.user_id = s.user_id and h.message_id = m.id)
       order by m.n desc`,
    )
    .all(userId) as { id: string; text: string }[]
  return new Map(rows.map(({ id, text }) => [id, text]))
}
