import { limits } from '../contract/values.ts'
import { countCharacters, type ValidationProblem } from './names.ts'

/** Control characters except newline, and direction marks, which would affect the text around it. */
// eslint-disable-next-line no-control-regex -- matches control characters on purpose
const forbiddenInBio = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/
const invisibleText = /^[\s\p{DI}\p{Cf}]*$/u

/** Removes surrounding spaces, spaces at line ends and repeated empty lines. Returns '' if nothing is visible. */
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

/** Returns the problem of a bio, or undefined. */
export function checkBio(text: string): ValidationProblem | undefined {
  if (!text.isWellFormed() || forbiddenInBio.test(text)) {
    return { code: 'invalid', message: 'This text contains characters that cannot be shown.' }
  }
  if (countCharacters(text) > limits.bio) {
    return {
      code: 'too_large',
      message: `This text has more than ${limits.bio} characters. Make it shorter.`,
    }
  }
  return undefined
}
