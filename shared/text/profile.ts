import { limits } from '../contract/values.ts'
import { countCharacters, type ValidationProblem } from './names.ts'

/** Controls but newline, and the marks that turn the direction of what stands beside it. */
// eslint-disable-next-line no-control-regex -- controls are what this is about
const forbiddenInBio = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/
const invisibleText = /^[\s\p{DI}\p{Cf}]*$/u

/** Stored as typed, but for spaces around it and at the ends of lines, and more than one empty line. Nothing visible is ''. */
export function normalizeBio(text: string): string {
  const tidy = text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/\t/g, ' ')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  return invisibleText.test(tidy) ? '' : tidy
}

/** What is wrong with what somebody says about themselves, or nothing. */
export function checkBio(text: string): ValidationProblem | undefined {
  if (!text.isWellFormed() || forbiddenInBio.test(text)) {
    return { code: 'invalid', message: 'This has characters that cannot be shown.' }
  }
  if (countCharacters(text) > limits.bio) {
    return { code: 'too_large', message: `This has more than ${limits.bio} characters. Make it shorter.` }
  }
  return undefined
}
