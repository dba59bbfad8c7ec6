import { readFileSync } from 'node:fs'
import { HubError } from '../../shared/errors.ts'
import { checkPassword, foldCase } from '../../shared/text/names.ts'
import type { Db } from '../db/schema.ts'
import { programFile } from '../program-files.ts'

/** The user who sets the password: a stranger tries their names first. */
export interface PasswordContext {
  username: string
  displayName?: string | undefined
  hubName: string
}

/**
 * Refuses a password that is too short, that is common, or that is the name of the user or of the hub. The name
 * repeated, or with digits around it, counts as the name.
 * @throws HubError `invalid` or `too_large` with the field `password`
 */
export function requireStrongPassword(
  password: string,
  { username, displayName, hubName }: PasswordContext,
): void {
  const problem = checkPassword(password)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'password' })
  const plain = extractLetters(password)
  const isName = (name: string | undefined): boolean => {
    const letters = extractLetters(name ?? '')
    return letters !== '' && plain.replaceAll(letters, '') === ''
  }
  if (isName(username) || isName(displayName))
    throw weakPasswordError('Your password cannot be your username or your name. Choose another.')
  if (isName(hubName))
    throw weakPasswordError('Your password cannot be the name of this hub. Choose another.')
  if (isCommonPassword(password)) {
    throw weakPasswordError(
      'This password is common, so attackers try it first. Choose a few words of your own.',
    )
  }
}

/** Returns the current name of the hub, or before set-up its default name. */
export async function readHubName(db: Db): Promise<string> {
  return (await db.selectFrom('hub').select('name').executeTakeFirstOrThrow()).name
}

function weakPasswordError(message: string): HubError {
  return new HubError('invalid', message, { field: 'password' })
}

/**
 * Removes what users add around a word: digits, spaces, signs. A name that has only digits is compared unchanged.
 */
function extractLetters(text: string): string {
  const folded = foldCase(text)
  return folded.replace(/[^\p{L}\p{M}]/gu, '') || folded.trim()
}

let commonPasswords: ReadonlySet<string> | undefined

function isCommonPassword(password: string): boolean {
  commonPasswords ??= readCommonPasswords()
  const folded = foldCase(password)
  return commonPasswords.has(folded) || commonPasswords.has(folded.replace(/\s/gu, ''))
}

/** Made by scripts/common-passwords.ts. */
function readCommonPasswords(): ReadonlySet<string> {
  const lines = readFileSync(programFile('passwords/common-passwords.txt'), 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('# ')).map(foldCase))
}
