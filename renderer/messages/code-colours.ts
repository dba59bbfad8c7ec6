// Colours for code. The grammars are a chunk of their own that is fetched when the first code with a known language is
// shown; until then, and where colouring would be too costly, code is plain. Only colours come: no size changes.
//
// A grammar is made of regular expressions that some text may keep busy for long, and this runs where the page runs. So it
// is done when the page has nothing else to do, one piece at a time, for pieces and lines of bounded length, and a language
// that once took too long is left plain.
import { html } from 'lit'
import { signal } from '../state/signal.ts'

export type Colours = readonly (string | { name: string; children: Colours })[]

const longestCode = 8_000
const longestLine = 400
const tooLong = 200
const rememberedMost = 300

const done = signal(0)
const known = new Map<string, Colours>()
const waiting = new Map<string, { text: string; language: string }>()
const slow = new Set<string>()
let working = false

/** Watched: what shows it is drawn again when colours have come. */
export function colouredCode(text: string, language: string | undefined): unknown {
  if (language === undefined || !isModest(text)) return text
  void done.value
  const key = `${language}\n${text}`
  const colours = known.get(key)
  if (colours) return nodes(colours)
  if (!slow.has(language)) {
    waiting.set(key, { text, language })
    if (!working) later()
  }
  return text
}

function isModest(text: string): boolean {
  return text.length <= longestCode && text.split('\n').every((line) => line.length <= longestLine)
}

function nodes(colours: Colours): unknown {
  return colours.map((part) =>
    typeof part === 'string' ? part : html`<span class=${part.name}>${nodes(part.children)}</span>`,
  )
}

function later(): void {
  working = true
  if ('requestIdleCallback' in window) requestIdleCallback(() => void colourNext(), { timeout: 500 })
  else setTimeout(() => void colourNext(), 50)
}

async function colourNext(): Promise<void> {
  try {
    const { colour } = await import('./code-grammars.ts')
    const [next] = waiting
    if (next) {
      const [key, { text, language }] = next
      waiting.delete(key)
      const begun = performance.now()
      known.set(key, colour(text, language) ?? [text])
      if (performance.now() - begun > tooLong) slow.add(language)
      forgetOldest()
    }
  } catch {
    // the chunk cannot be had now: code stays plain, and is asked for again with the next that is drawn
    waiting.clear()
  }
  working = false
  if (waiting.size > 0) later()
  else done.value += 1
}

function forgetOldest(): void {
  if (known.size <= rememberedMost) return
  const [oldest] = known.keys()
  if (oldest !== undefined) known.delete(oldest)
}

/** As it is written after the backticks, made presentable. */
export function languageName(language: string | undefined): string {
  if (language === undefined) return ''
  return names[language.toLowerCase()] ?? language
}

const names: Record<string, string> = {
  bash: 'Bash',
  c: 'C',
  'c++': 'C++',
  cpp: 'C++',
  cs: 'C#',
  csharp: 'C#',
  css: 'CSS',
  diff: 'Diff',
  go: 'Go',
  html: 'HTML',
  java: 'Java',
  javascript: 'JavaScript',
  js: 'JavaScript',
  json: 'JSON',
  kotlin: 'Kotlin',
  md: 'Markdown',
  php: 'PHP',
  py: 'Python',
  python: 'Python',
  rb: 'Ruby',
  rs: 'Rust',
  rust: 'Rust',
  sh: 'Shell',
  sql: 'SQL',
  swift: 'Swift',
  ts: 'TypeScript',
  typescript: 'TypeScript',
  xml: 'XML',
  yaml: 'YAML',
  yml: 'YAML',
}
