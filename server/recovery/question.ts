import { createHmac } from 'node:crypto'
import { foldCase } from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import type { Db } from '../db/schema.ts'

/** A user who may recover the account by their answer. */
export interface UserQuestion {
  id: string
  question: string
  answer: Buffer
}

export interface QuestionLookup {
  /** Undefined if this method is closed: for unknown names, without a question, for owner and admins. */
  user: UserQuestion | undefined
  /** The question that the page shows: the user's own, or a decoy. */
  question: string
}

/**
 * Finds the question for a name. Every other name gets the question of a user of this hub, drawn by the name and a
 * secret of the hub. So a question reveals only how common it is on this hub, even if a user wrote it. It is the
 * same on every try, unless a user changes the drawn question; and the work is the same for every name.
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
    // the text of a pending user is never shown to others
    .where('pendingSince', 'is', null)
    .where('question', 'is not', null)
    .select(['id', 'usernameKey', 'question', 'answer'])
    .execute()
  const asked = rows.flatMap(({ question, answer, ...row }) =>
    question === null || answer === null ? [] : [{ ...row, question, answer }],
  )
  const isOpen = hub.recoveryByQuestion === 1
  const decoy = decoyQuestionFor(name, hub.decoySecret, isOpen ? asked : [])
  const user = isOpen ? asked.find(({ usernameKey }) => usernameKey === name) : undefined
  if (!user) return { user: undefined, question: decoy }
  const { id, question, answer } = user
  return { user: { id, question, answer }, question }
}

/**
 * Draws the question with the first hash of name and question: if a user joins or leaves, few names get another
 * question.
 */
function decoyQuestionFor(name: string, secret: Buffer, asked: UserQuestion[]): string {
  const tickets = asked.length > 0 ? asked : securityQuestions.map(({ id, text }) => ({ id, question: text }))
  let first = { number: -1, question: '' }
  for (const { id, question } of tickets) {
    const number = createHmac('sha256', secret).update(`question:${id}:${name}`).digest().readUIntBE(0, 6)
    if (number > first.number) first = { number, question }
  }
  return first.question
}
