import { cleanPaste, isOnlyEmoji } from '../../../renderer/messages/text-utils.ts'
import { sanitizeFileName } from '../../../shared/text/file-names.ts'
import { mentionedNames } from '../../../shared/text/message.ts'
import { mentionReadings } from '../../../shared/text/mentions.ts'
import { foldName, nameRanker } from '../../../shared/text/name-search.ts'
import {
  checkLine,
  checkUsername,
  foldCase,
  normalizeAnswer,
  normalizeLine,
  shortenLine,
} from '../../../shared/text/names.ts'
import { checkBio, normalizeBio } from '../../../shared/text/profile.ts'
import { parseDateRange } from '../../../shared/text/days.ts'
import { Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Names that users type: of users, files, groups and dates. What is normalized twice is the same, a stored file name leaves no folder,
 * and each user whose name is accepted can be mentioned by it and found by it.
 */

const examples = [
  ...[
    'ann',
    'bob.smith',
    "o'neil",
    'Zoë_B',
    'Straße',
    'İstanbul',
    'ﬀ',
    'ＡＮＮ',
    'サーバー',
    'ann-',
    '.ann',
    'ann.',
    '田中さん',
    'محمد',
    'नमस्ते',
  ],
  ...[
    'report.pdf',
    '../../etc/passwd',
    'C:\\Users\\x.txt',
    'CON',
    'con.txt',
    'a'.repeat(130) + '.tar.gz',
    '.env',
    '...',
    'x ',
    'نقل‌قول.txt',
  ],
  ...[
    'yesterday',
    '30.11.2026',
    '2026-11-30',
    'last monday',
    'november',
    '11/30',
    'Boat yard',
    'two\nlines',
    '',
    ' ',
  ],
]
const pieces = [
  ...[
    'ann',
    'bo',
    'A',
    'é',
    'e\u0301',
    '.',
    '_',
    '-',
    "'",
    '’',
    ' ',
    '/',
    '\\',
    ':',
    '..',
    '.txt',
    '.tar',
    '?',
    '*',
    '\u0345',
    'ΐ',
    'ᾳ',
    'ﬃ',
  ],
  ...[
    'İ',
    'i̇',
    'ǰ',
    'ẖ',
    'ß',
    'ẞ',
    'ſ',
    'ς',
    'Σ',
    '㍿',
    '½',
    '٣',
    '한',
    'ㅎ',
    'ば',
    'ﾊﾞ',
    'ก',
    'ำ',
    '𝐀',
    '🏽',
    '1',
    '30',
    'may',
    'nul',
  ],
]
const texts = new Texts(pieces, examples)
const nowAt = Date.UTC(2026, 10, 30, 12)
const maxFileName = 120

export function openNamesTarget(): Target<string> {
  const subject = { fileName: sanitizeFileName }
  return {
    inputsPerRound: 20_000,
    make: (random) => texts.make(random, 8, 2_000),
    check: (text) => checkUser(text) ?? checkFile(text, subject.fileName) ?? checkLines(text),
    faults: {
      'path-in-name': () => {
        subject.fileName = (name) => sanitizeFileName(name.replaceAll('/', '∕')).replaceAll('∕', '/')
      },
    },
  }
}

function checkUser(text: string): string | undefined {
  const readings = mentionReadings(text)
  const key = foldCase(text)
  const problem = firstProblem(
    [foldCase(key) === key, 'a name that folds twice'],
    [foldName(foldName(text)) === foldName(text), 'a name to search that folds twice'],
    [readings.every((name) => text.startsWith(name)), 'a reading that was not typed'],
    [normalizeAnswer(normalizeAnswer(text)) === normalizeAnswer(text), 'an answer that folds twice'],
  )
  if (problem !== undefined || checkUsername(text) !== undefined) return problem
  return firstProblem(
    [
      mentionedNames(`hi @${text} there`).some((name) => foldCase(name) === key),
      'a user that cannot be mentioned',
    ],
    [nameRanker(text)(text) > 0, 'a user that is not found by the name'],
  )
}

function checkFile(text: string, sanitize: typeof sanitizeFileName): string | undefined {
  const name = sanitize(text)
  return firstProblem(
    [name !== '' && name !== '.' && name !== '..', 'no file name'],
    [!/[/\\\u0000-\u001f\u202e]/.test(name), 'a file name with a separator'], // eslint-disable-line no-control-regex -- on purpose
    [[...name].length <= maxFileName && name.isWellFormed(), 'a file name that is too long'],
    [!/[. ]$/.test(name), 'a file name that Windows changes'],
    [sanitize(name) === name, `a file name that changes again: ${JSON.stringify(name)}`],
  )
}

function checkLines(text: string): string | undefined {
  const line = normalizeLine(text)
  const bio = normalizeBio(text)
  // the calendar of a zone takes longer than all the rest
  const range = text.length % 8 === 0 ? parseDateRange(text, nowAt) : undefined
  const short = shortenLine(text, 60)
  return firstProblem(
    [normalizeLine(line) === line, 'a line that changes again'],
    [checkLine(text, 'A name', 60) !== undefined || short.length > 0, 'a line that vanishes'],
    [[...short].length <= 60 && !/[\p{Cc}\u2028\u2029]/u.test(short), 'a line of a stranger'],
    [
      checkBio(bio) !== undefined || checkBio(normalizeBio(bio)) === undefined,
      'a description that is refused later',
    ],
    [range === undefined || range.from <= range.to, 'a date range'],
    [!isOnlyEmoji(text) || text.length < 400, 'a long text of emoji'],
    [cleanPaste(text).isWellFormed() && cleanPaste(cleanPaste(text)) === cleanPaste(text), 'a paste'],
  )
}
