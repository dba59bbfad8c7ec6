import { fingerprintHex, fingerprintWords } from '../../../shared/text/fingerprint.ts'
import { escapeHtml } from '../../docs/page.ts'

export interface CertificatePageData {
  hubName: string
  hubId: string
  /** Where the button leads. */
  nextUrl: string
  /** Browsers know the certificate of this address already. */
  isPublic: boolean
  /** The reader came without TLS and is about to be warned; otherwise the warning is behind them. */
  isBeforeWarning: boolean
}

/**
 * Why the browser warns, and how to see that it is the right hub all the same. It promises no more than it can keep: who
 * controls the network can change a page that was not encrypted, but cannot have the hub's key.
 */
export function certificatePage(data: CertificatePageData): string {
  const name = escapeHtml(data.hubName)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.isBeforeWarning ? `On to ${name}` : `The certificate of ${name}`}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/trust.css">
<script type="module" src="/trust.js"></script>
</head>
<body>
<main>
${data.isPublic ? trustedSection(name) : selfIssuedSection(name, data)}
${fingerprintSection(data)}
<p class="go"><a class="button" id="go" href="${escapeHtml(data.nextUrl)}">${data.isBeforeWarning ? 'Go on, encrypted' : `Back to ${name}`}</a></p>
${data.isPublic ? '' : browserInstructions(data)}
</main>
</body>
</html>
`
}

function trustedSection(name: string): string {
  return `<h1>The certificate of ${name}</h1>
<p>Your browser knows the certificate of this address and has checked it. There is nothing to do.</p>`
}

function selfIssuedSection(name: string, { isBeforeWarning: isBefore }: CertificatePageData): string {
  return `<h1>${isBefore ? `Your browser will warn you about ${name}` : `Why your browser warned you about ${name}`}</h1>
<p>${isBefore ? 'The next page is encrypted' : 'This page is encrypted'}, so nobody on the network can read along. But ${name} made its certificate itself:
addresses within a home or office get none that browsers know. That is why your browser asks you whether this is the right computer.</p>`
}

function fingerprintSection({ hubId, isPublic }: CertificatePageData): string {
  const words = fingerprintWords(hubId).map((word) => `<li>${word}</li>`)
  return `<section aria-labelledby="words"><h2 id="words">Is it the right hub?</h2>
<p>Every hub has eight words of its own. Whoever invited you sees those of theirs in Hubbub, beside the invite: ask them.</p>
<ol class="words" translate="no">${words.join('')}</ol>
${isPublic ? '' : verificationSection(hubId)}</section>`
}

function verificationSection(hubId: string): string {
  const pairs = fingerprintHex(hubId).split(':')
  const lines = [0, 8, 16, 24].map((at) => pairs.slice(at, at + 8).join(' '))
  return `<details><summary>To be entirely sure</summary>
<p>Somebody who controls the network could show you a false copy of this page, words and all. What they cannot have is the hub’s key. Look at
the certificate in your browser (from the warning, or from the mark beside the address): the one named “Hubbub hub …” has this SHA-256 fingerprint of its
public key, and whoever runs the hub can tell you the same figures.</p>
<p><code translate="no">${lines.join('<br>')}</code></p></details>`
}

function browserInstructions({ isBeforeWarning: isBefore }: CertificatePageData): string {
  const install = isBefore
    ? ''
    : `<li><strong>The certificate of this hub</strong> can be installed by whoever looks after your computers: <a href="/hubbub-hub.crt" download>hubbub-hub.crt</a>.
It is good for private networks, local names and the names of this hub only. Compare its fingerprint first.</li>`
  return `<section aria-labelledby="how"><h2 id="how">${isBefore ? 'What to choose in the warning' : 'Without the warning'}</h2>
<ul>
${
  isBefore
    ? `<li><strong>Chrome, Edge</strong>: Advanced, then “Proceed to …”.</li>
<li><strong>Firefox</strong>: Advanced…, then “Accept the Risk and Continue”.</li>
<li><strong>Safari</strong>: Show Details, then “visit this website”.</li>`
    : ''
}
<li><strong>The Hubbub app</strong> knows a hub by the invite link and checks its key each time, without a question.</li>
${install}
</ul></section>`
}
