// Colours for code. The grammars are a chunk of their own that is fetched when the first code with a known language is
// shown; until then, and where colouring would be too costly, code is plain. Only colours come: no size changes.
//
// A grammar is made of regular expressions that some text may keep busy for long, and this runs where the page runs. So it
// is done when the page has nothing else to do, one piece at a time, for pieces and lines of bounded length, and a language
// that once took too long is left plain.
import { html } from 'lit'
import { signal } from '../signals/signal.ts'

export type HighlightTree = readonly (string | { name: string; children: HighlightTree })[]

const maxCodeLength = 8_000
const maxLineLength = 400
const maxHighlightMs = 200
const maxCachedSnippets = 300

const highlightRevision = signal(0)
const highlightCache = new Map<string, HighlightTree>()
const pendingSnippets = new Map<string, { text: string; language: string }>()
const slowLanguages = new Set<string>()
let isHighlighting = false

/** Watched: what shows it is drawn again when colours have come. */
export function highlightedCode(text: string, language: string | undefined): unknown {
  if (language === undefined || !isShortEnough(text)) return text
  void highlightRevision.value
  const key = `${language}\n${text}`
  const colours = highlightCache.get(key)
  if (colours) return renderTree(colours)
  if (!slowLanguages.has(language)) {
    pendingSnippets.set(key, { text, language })
    if (!isHighlighting) scheduleHighlighting()
  }
  return text
}

function isShortEnough(text: string): boolean {
  return text.length <= maxCodeLength && text.split('\n').every((line) => line.length <= maxLineLength)
}

function renderTree(colours: HighlightTree): unknown {
  return colours.map((part) =>
    typeof part === 'string' ? part : html`<span class=${part.name}>${renderTree(part.children)}</span>`,
  )
}

function scheduleHighlighting(): void {
  isHighlighting = true
  if ('requestIdleCallback' in window) requestIdleCallback(() => void highlightNext(), { timeout: 500 })
  else setTimeout(() => void highlightNext(), 50)
}

async function highlightNext(): Promise<void> {
  try {
    const { highlight: colour } = await import('./code-grammars.ts')
    const [next] = pendingSnippets
    if (next) {
      const [key, { text, language }] = next
      pendingSnippets.delete(key)
      const begun = performance.now()
      highlightCache.set(key, colour(text, language) ?? [text])
      if (performance.now() - begun > maxHighlightMs) slowLanguages.add(language)
      evictOldest()
    }
  } catch {
    // the chunk cannot be had now: code stays plain, and is asked for again with the next that is drawn
    pendingSnippets.clear()
  }
  isHighlighting = false
  if (pendingSnippets.size > 0) scheduleHighlighting()
  else highlightRevision.value += 1
}

function evictOldest(): void {
  if (highlightCache.size <= maxCachedSnippets) return
  const [oldest] = highlightCache.keys()
  if (oldest !== undefined) highlightCache.delete(oldest)
}

/** As it is written after the backticks, made presentable. */
export function languageName(language: string | undefined): string {
  if (language === undefined) return ''
  return languageNames[language.toLowerCase()] ?? language
}

const languageNames: Record<string, string> = {
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
