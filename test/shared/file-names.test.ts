import { expect, test } from 'vitest'
import { sanitizeFileName } from '../../shared/text/file-names.ts'

test.each([
  // emoji of several parts
  ['👩‍💻.png', '👩‍💻.png'],
  ['👩🏽‍🚀 logo.svg', '👩🏽‍🚀 logo.svg'],
  ['🏳️‍🌈.png', '🏳️‍🌈.png'],
  ['👨‍👩‍👧‍👦.jpg', '👨‍👩‍👧‍👦.jpg'],
  ['❤️‍🔥.gif', '❤️‍🔥.gif'],
  // Persian, Urdu, Hindi, Malayalam, Sinhala
  ['می‌خواهم.pdf', 'می‌خواهم.pdf'],
  ['خانه‌ها.docx', 'خانه‌ها.docx'],
  ['क्‍ष.txt', 'क्‍ष.txt'],
  ['ന്‍.txt', 'ന്‍.txt'],
  ['ශ්‍රී.txt', 'ශ්‍රී.txt'],
  ['سال ۱۴۰۵ ه\u200D.txt', 'سال ۱۴۰۵ ه\u200D.txt'],
  // where they join nothing two names would look the same
  ['in\u200Dvoice.pdf', 'invoice.pdf'],
  ['in\u200Cvoice.pdf', 'invoice.pdf'],
  ['\u200D\u200Creport\u200D.pdf\u200C', 'report.pdf'],
  ['👩\u200D.png', '👩.png'],
  ['a\u200D💻.png', 'a💻.png'],
  ['می\u200C\u200C\u200Cخواهم.pdf', 'می\u200Cخواهم.pdf'],
  ['می\u200C.pdf', 'می.pdf'],
  // one leading dot is a part of the name
  ['.env', '.env'],
  ['.env.local', '.env.local'],
  ['.gitignore', '.gitignore'],
  ['/etc/.htaccess', '.htaccess'],
  ['..env', '.env'],
  ['. . .env', '.env'],
  ['../.env', '.env'],
  ['..', 'file'],
  ['.', 'file'],
  ['. .', 'file'],
  ['.con', '.con'],
  ['con.env', 'con_.env'],
  ['.\u200Benv', '.env'],
  ['report. ', 'report'],
  // found by `npm run campaign -- fuzz --only names`
  [`${'a'.repeat(119)}.${'b'.repeat(20)}`, 'a'.repeat(119)],
  ['e\u200C\u0301', 'é'],
  ['o\u0307\u200Cق', 'ȯق'],
  ['o\u200C\u0307\u200C\u0307\u200Cق', 'ȯ\u0307\u200Cق'],
])('stores the file name %j as %j', (name, stored) => {
  expect(sanitizeFileName(name)).toBe(stored)
  // the hub stores what the page has cleaned
  expect(sanitizeFileName(stored)).toBe(stored)
})

test('cuts a long name between characters and keeps its extension', () => {
  expect(sanitizeFileName(`${'a'.repeat(300)}.jpeg`)).toBe(`${'a'.repeat(115)}.jpeg`)
  const families = sanitizeFileName(`${'👨‍👩‍👧‍👦'.repeat(40)}.png`)
  expect(families).toBe(`${'👨‍👩‍👧‍👦'.repeat(16)}.png`)
  const marks = sanitizeFileName(`a${'\u0301'.repeat(400)}.png`)
  expect([...marks].length).toBeLessThanOrEqual(120)
  expect(marks.endsWith('.png')).toBe(true)
})

// Found by `npm run campaign -- fuzz --only names --seed 901`.
test('a name of dots and spaces whose only letter is cut off becomes “file”', () => {
  expect(sanitizeFileName(`${'. '.repeat(100)}b`)).toBe('file')
})
