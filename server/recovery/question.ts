import { createHmac } from 'node:crypto'
import { foldCase } from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/questions.ts'
import type { Db } from '../db/schema.ts'

/** Somebody who may come back by their answer. */
export interface Asked {
  id: string
  question: string
  answer: Buffer
}

export interface Lookup {
  /** Nobody where this way is closed: for names that nobody has, without a question, for owner and admins. */
  person: Asked | undefined
  /** What the page shows: the person's question, or one that anybody could have chosen. */
  question: string
}

/**
 * What a name is asked. The decoy hangs on the name and on a secret of this hub alone, so that it is the same tomorrow and
 * on every try, and the work is the same for every name.
 */
export async function findQuestion(db: Db, username: string): Promise<Lookup> {
  const hub = await db
    .selectFrom('hub')
    .select(['decoySecret', 'recoveryByQuestion'])
    .executeTakeFirstOrThrow()
  const name = foldCase(username.trim())
  const row = await db
    .selectFrom('user')
    .where('usernameKey', '=', name)
    .where('role', '=', 'member')
    .where('deactivatedAt', 'is', null)
    .select(['id', 'question', 'answer'])
    .executeTakeFirst()
  const decoy = decoyFor(name, hub.decoySecret)
  if (!hub.recoveryByQuestion || !row || row.question === null || row.answer === null) {
    return { person: undefined, question: decoy }
  }
  const { id, question, answer } = row
  return { person: { id, question, answer }, question }
}

function decoyFor(name: string, secret: Buffer): string {
  const number = createHmac('sha256', secret).update(`question:${name}`).digest().readUInt32BE()
  return securityQuestions[number % securityQuestions.length]?.text as string
}
