import { readFileSync } from 'node:fs'
import { HubError } from '../../shared/errors.ts'
import { checkPassword, foldCase } from '../../shared/text/names.ts'
import type { Db } from '../db/schema.ts'

/** Whose password it is to be: their names are what a stranger tries first. */
export interface Names {
  username: string
  displayName?: string | undefined
  hubName: string
}

/**
 * What a password must not be, whoever chooses it and wherever: too short, one that everybody tries, the name of the
 * person or of the hub (said twice, or with digits around it, it is still the name).
 * @throws invalid or too_large with the field `password`
 */
export function requireGoodPassword(password: string, { username, displayName, hubName }: Names): void {
  const problem = checkPassword(password)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'password' })
  const plain = lettersOf(password)
  const isName = (name: string | undefined): boolean => {
    const letters = lettersOf(name ?? '')
    return letters !== '' && plain.replaceAll(letters, '') === ''
  }
  if (isName(username) || isName(displayName)) throw refused('A password must not be your own name.')
  if (isName(hubName)) throw refused('A password must not be the name of this hub.')
  if (isCommon(password)) {
    throw refused('Many people use this password, so it is tried first. A few words of your own are better.')
  }
}

/** The name that the hub has at the moment; before it is set up, the one it is about to get. */
export async function hubNameOf(db: Db): Promise<string> {
  return (await db.selectFrom('hub').select('name').executeTakeFirstOrThrow()).name
}

function refused(message: string): HubError {
  return new HubError('invalid', message, { field: 'password' })
}

/** Without what people put around a word: digits, spaces, signs. A name of digits only is compared as it is. */
function lettersOf(text: string): string {
  const folded = foldCase(text)
  return folded.replace(/[^\p{L}\p{M}]/gu, '') || folded.trim()
}

let common: ReadonlySet<string> | undefined

function isCommon(password: string): boolean {
  common ??= readCommon()
  const folded = foldCase(password)
  return common.has(folded) || common.has(folded.replace(/\s/gu, ''))
}

/** Made by scripts/common-passwords.ts. */
function readCommon(): ReadonlySet<string> {
  const file = new URL('common-passwords.txt', import.meta.url)
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('# ')).map(foldCase))
}
