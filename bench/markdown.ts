/*
 * node bench/markdown.ts: the cost of parsing Markdown, as a ratio. It parses 100 messages as a team writes them, and
 * compares with the least a page has to do: copy their characters once. It also prints the worst of the hostile
 * messages. Each figure is the median of alternating rounds; a slow run never fails.
 */
import { parseMarkdown } from '../shared/text/markdown.ts'
import { hostileMarkdown } from '../test/support/hostile-markdown.ts'

const sampleTexts = [
  'Morning. The printer on the second floor is back.',
  '**Done** with `npm run build`, ~~tomorrow~~ today. @kim can look in #kitchen, *please*.',
  'See https://example.org/minutes_(draft)?page=2, and write to kitchen@example.org if something is missing.',
  '> Is it there?\nYes:\n- open it\n  - not the copy\n- look',
  'ok 👍',
  '```ts\nif (tide > draft + 0.3) {\n  launch(boat)\n}\n```\nWho tests it?',
  'Can someone look at the numbers before lunch? They are in the third sheet, the column called “open”.',
  '明日の会議は**十時**からです。資料は共有フォルダーにあります。',
]
const messages = Array.from({ length: 100 }, (_, at) => `${sampleTexts[at % sampleTexts.length]} ${at}`)
const hostileTexts = hostileMarkdown.map(({ name, text }) => ({ name, each: text }))

let checksum = 0
const hashText = (text: string) => {
  let sum = 0
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) | 0
  checksum ^= sum
}
const parseText = (text: string) => {
  checksum ^= parseMarkdown(text).length
}

function measureMs(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}
function compare(texts: readonly string[], rounds: number): { base: number; parsed: number } {
  const base: number[] = []
  const parsed: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    base.push(measureMs(() => texts.forEach(hashText)))
    parsed.push(measureMs(() => texts.forEach(parseText)))
  }
  return { base: median(base), parsed: median(parsed) }
}

compare(messages, 200)
const typical = compare(messages, 400)
const formatMicroseconds = (milliseconds: number) => `${(milliseconds * 1000).toFixed(0)} µs`
console.log(
  `100 messages: ${formatMicroseconds(typical.parsed)} parsed, ${formatMicroseconds(typical.base)} copied, ratio ${(typical.parsed / typical.base).toFixed(1)}`,
)
const [slowest] = hostileTexts
  .map(({ name, each: text }) => ({ name, ...compare([text], 5) }))
  .sort((a, b) => b.parsed - a.parsed)
if (slowest) {
  console.log(
    `the slowest hostile 16 KiB (${slowest.name}): ${formatMicroseconds(slowest.parsed)} parsed, ratio ${(slowest.parsed / slowest.base).toFixed(1)}`,
  )
}
process.exitCode = checksum === Infinity ? 1 : 0
