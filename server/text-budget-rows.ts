import { sql } from 'kysely'
import type { HubContext } from './context.ts'
import { prepared } from './db/prepared.ts'
import type { Store } from './db/store.ts'
import { runOperation } from './operation.ts'
import type { BudgetRow, TextBudget } from './text-budget.ts'

/** Longer than anything in a row matters. */
const keptMs = 2 * 24 * 60 * 60_000

/** Another process may have refused the user later than this one, which would not know. */
const laterRefusal = sql<number | null>`case
  when excluded.reached_at is null or text_budget.reached_at > excluded.reached_at then text_budget.reached_at
  else excluded.reached_at end`

const upsertRow = prepared((db, p: BudgetRow) =>
  db
    .insertInto('textBudget')
    .values({ userId: p.userId, used: p.used, at: p.at, reachedAt: p.reachedAt })
    .onConflict((conflict) =>
      conflict.column('userId').doUpdateSet((eb) => ({
        used: eb.ref('excluded.used'),
        at: eb.ref('excluded.at'),
        reachedAt: laterRefusal,
      })),
    ),
)

export async function loadTextBudget(store: Store, budget: TextBudget): Promise<void> {
  budget.load(await store.read((db) => db.selectFrom('textBudget').selectAll().execute()))
}

/** The job `budget.save`: writes nothing while nobody has written much. */
export async function saveTextBudget(hub: HubContext): Promise<void> {
  const rows = hub.textBudget?.takeUnsaved(hub.clock()) ?? []
  if (rows.length === 0) return
  await runOperation(hub, { locks: [] }, async (op) => {
    await op.db
      .deleteFrom('textBudget')
      .where('at', '<', op.now - keptMs)
      .execute()
    for (const row of rows) await upsertRow(op.db, row)
  })
}
