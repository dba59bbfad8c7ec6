import { createHmac } from 'node:crypto'
import { foldCase } from '../../shared/text/names.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import type { Db } from '../db/schema.ts'
import { sha256 } from '../ids.ts'

/** A user who may recover the account by their answer. */
export interface UserAnswer {
  id: string
  answer: Buffer
}

/**
 * Returns the user whose answer counts. Undefined if this method is closed: for unknown names, without a question, for owner
 * and admins.
 */
export async function findUserAnswer(db: Db, username: string): Promise<UserAnswer | undefined> {
  if (!(await readHub(db)).isOpen) return undefined
  const row = await usersWithQuestion(db)
    .where('usernameKey', '=', foldCase(username.trim()))
    .select(['id', 'answer'])
    .executeTakeFirst()
  return row && row.answer !== null ? { id: row.id, answer: row.answer } : undefined
}

/**
 * Returns the question that the page shows for a name. Every name without one gets the question of a user of this hub, drawn by
 * the name and a secret of the hub. So a question reveals only how common it is on this hub, even if a user wrote it. It is the
 * same on every try, unless a user changes the drawn question; and the work is the same for every name.
 */
export async function findQuestion(db: Db, username: string): Promise<string> {
  const { isOpen, decoySecret } = await readHub(db)
  const name = foldCase(username.trim())
  const rows = await usersWithQuestion(db).select(['id', 'usernameKey', 'question']).execute()
  const asked = isOpen ? rows : []
  const decoy = decoyQuestionFor(name, decoySecret, asked)
  return asked.find(({ usernameKey }) => usernameKey === name)?.question ?? decoy
}

async function readHub(db: Db): Promise<{ isOpen: boolean; decoySecret: Buffer }> {
  const { decoySecret, recoveryByQuestion } = await db
    .selectFrom('hub')
    .select(['decoySecret', 'recoveryByQuestion'])
    .executeTakeFirstOrThrow()
  return { isOpen: recoveryByQuestion === 1, decoySecret }
}

function usersWithQuestion(db: Db) {
  return (
    db
      .selectFrom('user')
      .where('role', '=', 'member')
      .where('deactivatedAt', 'is', null)
      // the text of a pending user is never shown to others
      .where('pendingSince', 'is', null)
      .where('question', 'is not', null)
      .where('answer', 'is not', null)
  )
}

/**
 * Draws the question with the first hash of name and question: if a user joins or leaves, few names get another
 * question. One keyed hash for the name and a plain one for each user: a large hub has thousands.
 */
function decoyQuestionFor(
  name: string,
  secret: Buffer,
  asked: readonly { id: string; question: string | null }[],
): string {
  const tickets = asked.length > 0 ? asked : securityQuestions.map(({ id, text }) => ({ id, question: text }))
  const seed = createHmac('sha256', secret).update(`question:${name}`).digest('base64url')
  let first = { number: -1, question: '' }
  for (const { id, question } of tickets) {
    const number = sha256(seed + id).readUIntBE(0, 6)
    if (number > first.number) first = { number, question: question ?? '' }
  }
  return first.question
}
