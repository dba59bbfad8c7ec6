import { readFileSync } from 'node:fs'
import path from 'node:path'
import { defaultPagesDir } from '../program-files.ts'

/*
 * The documents that the hub writes itself, outside the page: the API reference and the page about the certificate. They
 * wear the page's clothes: its built stylesheet has the tokens and the typeface.
 */

export interface HubDocument {
  /** Escaped, as all that follows. */
  title: string
  /** Addresses of its own styles and its script. */
  style: string
  script: string
  body: string
}

export function renderDocument({ title, style, script, body }: HubDocument): string {
  const { styles, icon } = (links ??= readPageLinks())
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
<script src="/appearance.js"></script>
${[...styles, style].map((address) => `<link rel="stylesheet" href="${address}">`).join('\n')}
<script type="module" src="${script}"></script>
</head>
<body class="document">
${body}
</body>
</html>
`
}

/** The mark, as `renderer/ui/hb-logo.ts` and `renderer/404.html` draw it. */
export function renderMark(): string {
  const bubble = (name: string, degrees: number): string =>
    `<path class="${name}" d="M22.71 22.11A9.3 9.3 0 1 0 16.67 18.63Q17.49 20.87 15.7 23.1Q19.2 23.6 22.71 22.11z" transform="rotate(${degrees} 24 26.5)"/>`
  return `<svg class="mark" viewBox="0 0 48 48" aria-hidden="true">${bubble('one', 0)}${bubble('two', 120)}${bubble('three', 240)}<circle class="dot" cx="24" cy="26.5" r="3"/></svg>`
}

interface PageLinks {
  styles: string[]
  icon: string
}

let links: PageLinks | undefined

/** Names of built files contain a hash: 404.html, which is built with the tokens alone, knows them. */
function readPageLinks(): PageLinks {
  let html = ''
  try {
    html = readFileSync(path.join(defaultPagesDir, '404.html'), 'utf8')
  } catch (error) {
    // From the sources, before the first build: the document is plain, but readable.
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
  const addresses = [...html.matchAll(/<link\b[^>]*\bhref="(\/assets\/[\w.-]+)"/g)].map(
    ([, address]) => address as string,
  )
  return {
    styles: addresses.filter((address) => address.endsWith('.css')),
    icon: addresses.find((address) => address.endsWith('.svg')) ?? 'data:,',
  }
}

/** Returns true for the built files that such a document loads: styles, fonts and the theme, which hold no secret. */
export function isDocumentAsset(url: string): boolean {
  return (
    url === '/appearance.js' ||
    /^\/assets\/(?:[\w-]+\.css|inter-[\w-]+\.woff2|favicon-[\w-]+\.svg)$/.test(url)
  )
}
