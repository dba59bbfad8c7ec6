import { createHmac } from 'node:crypto'
import { foldCase } from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import type { Db } from '../db/schema.ts'

/** Somebody who may come back by their answer. */
export interface UserQuestion {
  id: string
  question: string
  answer: Buffer
}

export interface QuestionLookup {
  /** Nobody where this way is closed: for names that nobody has, without a question, for owner and admins. */
  user: UserQuestion | undefined
  /** What the page shows: the person's question, or one that anybody could have chosen. */
  question: string
}

/**
 * What a name is asked. Every other name is asked the question of somebody here, drawn by the name and a secret of this
 * hub: so a question says no more about a name than how common it is on this hub, in a person's own words or not. It is
 * the same tomorrow and on every try, unless somebody changed the question that was drawn; and the work is the same for
 * every name.
 */
export async function findQuestion(db: Db, username: string): Promise<QuestionLookup> {
  const hub = await db
    .selectFrom('hub')
    .select(['decoySecret', 'recoveryByQuestion'])
    .executeTakeFirstOrThrow()
  const name = foldCase(username.trim())
  const rows = await db
    .selectFrom('user')
    .where('role', '=', 'member')
    .where('deactivatedAt', 'is', null)
    // nobody is shown the words of somebody whom nobody has let in
    .where('pendingSince', 'is', null)
    .where('question', 'is not', null)
    .select(['id', 'usernameKey', 'question', 'answer'])
    .execute()
  const asked = rows.flatMap(({ question, answer, ...row }) =>
    question === null || answer === null ? [] : [{ ...row, question, answer }],
  )
  const isOpen = hub.recoveryByQuestion === 1
  const decoy = decoyQuestionFor(name, hub.decoySecret, isOpen ? asked : [])
  const person = isOpen ? asked.find(({ usernameKey }) => usernameKey === name) : undefined
  if (!person) return { user: undefined, question: decoy }
  const { id, question, answer } = person
  return { user: { id, question, answer }, question }
}

/** Whoever is first by a number made of both: when somebody comes or goes, few names are asked something else. */
function decoyQuestionFor(name: string, secret: Buffer, asked: UserQuestion[]): string {
  const tickets = asked.length > 0 ? asked : securityQuestions.map(({ id, text }) => ({ id, question: text }))
  let first = { number: -1, question: '' }
  for (const { id, question } of tickets) {
    const number = createHmac('sha256', secret).update(`question:${id}:${name}`).digest().readUIntBE(0, 6)
    if (number > first.number) first = { number, question }
  }
  return first.question
}
