// Colours for code. The grammars are a separate chunk, fetched when the first code with a known language is shown.
// Until then, and if colouring would be too costly, code is plain. Colours change no size.
//
// Some text can keep the regular expressions of a grammar busy for long, and they run on the thread of the page. So
// code is coloured while the page is idle, one piece at a time, with bounded pieces and lines. A language that once
// took too long stays plain.
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

/** Watched: the caller renders again once the colours are ready. */
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
    // The chunk cannot be loaded now: the code stays plain. The next code that is rendered requests it again.
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

/** The language as typed after the backticks, formatted for display. */
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
