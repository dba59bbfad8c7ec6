import { fingerprintHex, fingerprintWords } from '../../../shared/text/fingerprint.ts'
import { escapeHtml } from '../../docs/page.ts'

export interface CertificatePageData {
  hubName: string
  hubId: string
  /** The target of the button. */
  nextUrl: string
  /** Browsers trust the certificate of this address already. */
  isPublic: boolean
  /** The user came without TLS and is about to see the browser's warning; otherwise they have passed it. */
  isBeforeWarning: boolean
}

/**
 * Explains why the browser warns, and how to verify the hub in spite of it. It promises no more than is true: an
 * attacker who controls the network can change an unencrypted page, but cannot have the hub's key.
 */
export function certificatePage(data: CertificatePageData): string {
  const name = escapeHtml(data.hubName)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${data.isBeforeWarning ? `Continue to ${name}` : `The certificate of ${name}`}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/trust.css">
<script type="module" src="/trust.js"></script>
</head>
<body>
<main>
${data.isPublic ? trustedSection(name) : selfIssuedSection(name, data)}
${fingerprintSection(data)}
<p class="go"><a class="button" id="go" href="${escapeHtml(data.nextUrl)}">${data.isBeforeWarning ? 'Continue with encryption' : `Back to ${name}`}</a></p>
${data.isPublic ? '' : browserInstructions(data)}
</main>
</body>
</html>
`
}

function trustedSection(name: string): string {
  return `<h1>The certificate of ${name}</h1>
<p>Your browser trusts the certificate of this address. You do not have to do anything.</p>`
}

function selfIssuedSection(name: string, { isBeforeWarning: isBefore }: CertificatePageData): string {
  return `<h1>${isBefore ? `Your browser will warn you about ${name}` : `Why your browser warned you about ${name}`}</h1>
<p>${isBefore ? 'The next page is encrypted' : 'This page is encrypted'}, so no one else on the network can read it. But ${name} issued its certificate itself,
because addresses on a home or office network cannot get one that browsers trust. That is why your browser asks you whether this is the right computer.</p>`
}

function fingerprintSection({ hubId, isPublic }: CertificatePageData): string {
  const words = fingerprintWords(hubId).map((word) => `<li>${word}</li>`)
  return `<section aria-labelledby="words"><h2 id="words">Is it the right hub?</h2>
<p>Every hub has its own eight words. The sender of your invite sees them in Hubbub, next to the invite. Ask them: the words must be the same.</p>
<ol class="words" translate="no">${words.join('')}</ol>
${isPublic ? '' : verificationSection(hubId)}</section>`
}

function verificationSection(hubId: string): string {
  const pairs = fingerprintHex(hubId).split(':')
  const lines = [0, 8, 16, 24].map((at) => pairs.slice(at, at + 8).join(' '))
  return `<details><summary>How to be completely sure</summary>
<p>Someone who controls the network could show you a false copy of this page, with the same words. But they cannot have the hub’s key.
Open the certificate in your browser, from the warning or from the icon next to the address. The public key of the certificate named “Hubbub hub …”
has this SHA-256 fingerprint. The owner of the hub can read you the same numbers.</p>
<p><code translate="no">${lines.join('<br>')}</code></p></details>`
}

function browserInstructions({ isBeforeWarning: isBefore }: CertificatePageData): string {
  const install = isBefore
    ? ''
    : `<li><strong>Install the certificate of this hub</strong>, or ask the administrator of your computers to do it: <a href="/hubbub-hub.crt" download>hubbub-hub.crt</a>.
It is valid only for private networks, local names and the names of this hub. Compare its fingerprint first.</li>`
  return `<section aria-labelledby="how"><h2 id="how">${isBefore ? 'How to continue past the warning' : 'How to avoid the warning'}</h2>
<ul>
${
  isBefore
    ? `<li><strong>Chrome, Edge</strong>: Advanced, then “Proceed to …”.</li>
<li><strong>Firefox</strong>: Advanced…, then “Accept the Risk and Continue”.</li>
<li><strong>Safari</strong>: Show Details, then “visit this website”.</li>`
    : ''
}
<li><strong>Use the Hubbub app</strong>. It knows the hub from the invite link and checks its key each time without asking you.</li>
${install}
</ul></section>`
}
