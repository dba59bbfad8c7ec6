import { parseLink } from '../../shared/text/invite-link.ts'
import {
  checkLine,
  checkPassword,
  checkUsername,
  countCharacters,
  normalizeLine,
} from '../../shared/text/names.ts'
import { limits } from '../../shared/contract/values.ts'
import { t } from '../text/t.ts'
import { type FieldProblems, withoutEmpty } from '../ui/form.ts'

export interface AccountDetails {
  username: string
  displayName: string
  password: string
}

export function checkAccountDetails({ username, displayName, password }: AccountDetails): FieldProblems {
  const full = normalizeLine(displayName)
  return withoutEmpty({
    username: checkUsername(username.trim())?.message,
    displayName: full ? checkLine(full, t('register.displayName'), limits.displayName)?.message : undefined,
    password: checkPassword(password)?.message,
  })
}

/** As the hub expects it: empty fields are left out. */
export function toAccountInput({ username, displayName, password }: AccountDetails) {
  const full = normalizeLine(displayName)
  return { username: username.trim(), password, ...(full ? { displayName: full } : {}) }
}

export function checkSecurityAnswer(question: string, answer: string): FieldProblems {
  return withoutEmpty({
    ownQuestion: question.trim() ? undefined : t('register.needQuestion'),
    securityAnswer:
      countCharacters(answer.trim()) < limits.securityAnswer.min ? t('register.shortAnswer') : undefined,
  })
}

/** Users paste the whole link; the code is the part behind the #. */
export function parseInviteCode(typed: string): string {
  const text = typed.trim()
  const link = parseLink(text)
  if (link?.kind === 'join') return link.code
  const [code = ''] = text.slice(text.indexOf('#') + 1).split('&')
  return code.replace(/^\/+|\/+$/g, '').trim()
}
