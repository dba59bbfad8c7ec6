import { fingerprintHex, fingerprintWords } from '../../../shared/text/fingerprint.ts'
import { renderDocument, renderMark } from '../../docs/document.ts'
import { escapeHtml } from '../../docs/page.ts'

export interface CertificatePageData {
  hubName: string
  hubId: string
  /** The target of the button. */
  nextUrl: string
  /** The hub's own name and port. The page goes on there if this browser's system can resolve it. */
  ownHost?: string | undefined
  /** Browsers trust the certificate of this address already. */
  isPublic: boolean
  /**
   * How the user came. `plain`: without TLS from another computer, where the browser is about to warn. `loopback`: without
   * TLS on the hub's own computer, where it never warns. `tls`: the user has passed the warning.
   */
  connection: 'plain' | 'loopback' | 'tls'
}

/**
 * Explains why the browser warns, and how to verify the hub in spite of it. It promises no more than is true: an
 * attacker who controls the network can change an unencrypted page, but cannot have the hub's key.
 */
export function certificatePage(data: CertificatePageData): string {
  const name = escapeHtml(data.hubName)
  const isBefore = data.connection === 'plain'
  const body = `<main>
${renderMark()}
${data.isPublic ? trustedSection(name) : selfIssuedSection(name, data)}
${fingerprintSection(data)}
<p class="go"><a class="button" id="go" href="${escapeHtml(data.nextUrl)}"${ownHost(data)}>${isBefore ? 'Continue with encryption' : `Back to ${name}`}</a></p>
${data.isPublic ? '' : browserInstructions(data)}
</main>`
  const title = isBefore ? `Continue to ${name}` : `The certificate of ${name}`
  return renderDocument({ title, style: '/trust.css', script: '/trust.js', body })
}

function ownHost({ ownHost: host }: CertificatePageData): string {
  return host === undefined ? '' : ` data-own-host="${escapeHtml(host)}"`
}

function trustedSection(name: string): string {
  return `<h1>The certificate of ${name}</h1>
<p>Your browser trusts the certificate of this address. You do not have to do anything.</p>`
}

function selfIssuedSection(name: string, { connection }: CertificatePageData): string {
  const why = `${name} issued its certificate itself,
because addresses on a home or office network cannot get one that browsers trust.`
  if (connection === 'loopback') {
    return `<h1>Why other browsers warn about ${name}</h1>
<p>This page comes from this computer, without encryption, so your browser does not warn. Browsers on other computers use encryption. ${why}
That is why they ask if this is the right computer.</p>`
  }
  const isBefore = connection === 'plain'
  return `<h1>${isBefore ? `Your browser will warn you about ${name}` : `Why your browser warned you about ${name}`}</h1>
<p>${isBefore ? 'The next page is encrypted' : 'This page is encrypted'}, so no one else on the network can read it. But ${why}
That is why your browser asks you if this is the right computer.</p>`
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

function browserInstructions({ connection }: CertificatePageData): string {
  const isBefore = connection === 'plain'
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
