import { chooseCoding } from '../../../server/content-encoding.ts'
import { contentDisposition, matchesEtag, parseRange } from '../../../server/http/files.ts'
import { parseHostName } from '../../../server/http/origin.ts'
import { findCookieToken } from '../../../server/http/session.ts'
import { parseNewUpload } from '../../../server/http/tus.ts'
import { normalizeAddress, networkMatcher } from '../../../server/addresses.ts'
import { HubError } from '../../../shared/errors.ts'
import { sanitizeFileName } from '../../../shared/text/file-names.ts'
import { Texts } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * The headers that the hub reads itself: Range, If-None-Match, Cookie, Host, Accept-Encoding and the metadata of uploads. A range is
 * within the file, a token has the form of a token, and each name of a file can be sent in a header.
 */

const hubId = 'h'.repeat(43)
const cookie = `hubbub-${hubId.slice(0, 8)}`
const token = 'A'.repeat(43)
const examples = [
  ...[
    'bytes=0-99',
    'bytes=-5',
    'bytes=5-',
    'bytes=0-0,5-9',
    'bytes=99-5',
    'bytes=999999999999999-',
    'items=0-1',
    'bytes=-0',
  ],
  ...[
    `${cookie}=${token}`,
    `a=b; __Host-${cookie}=${token}; c`,
    `${cookie}=; ${cookie}=${token}`,
    `x${cookie}=${token}`,
  ],
  ...[
    'filename d29ybGQ=,width MTAw',
    'filename',
    'name Ym9hdA==,duration MTIz,height LTE=',
    'filename d29ybGQ=,filename x',
  ],
  ...[
    'gzip, br;q=1.0, *;q=0',
    'identity',
    'zstd;q=0',
    '*',
    'br;q=abc',
    ';;,,;q=',
    'W/"abc", "def"',
    '*',
    '"abc"',
  ],
  ...[
    'localhost:7788',
    '[::1]:7788',
    '[fe80::1%25eth0]',
    'team.local',
    '127.0.0.1',
    '10.0.0.0/8',
    '::/0',
    'team.local:99999',
  ],
  ...['plan "final".png', 'Größe.pdf', "a'b(c)*.txt", 'サーバー.png'],
]
const pieces = [
  ...[
    'bytes=',
    '-',
    ',',
    '0',
    '9',
    '99',
    '100',
    '101',
    '1e3',
    ';',
    '; ',
    '=',
    ' ',
    '"',
    'W/',
    '*',
    'q=',
    '.',
    ':',
    '[',
    ']',
    '%',
    '/',
    '\\',
  ],
  ...[
    cookie,
    `__Host-${cookie}`,
    token,
    'filename ',
    'width ',
    'MTAw',
    'gzip',
    'br',
    'zstd',
    'identity',
    'localhost',
    '@',
    '#',
    '?',
  ],
]
const texts = new Texts(pieces, examples)
const fileSizes = [0, 1, 100, 2 ** 40]
const tokenPattern = /^[A-Za-z0-9_-]{20,100}$/

export function openHttpTarget(): Target<string> {
  const subject = { range: parseRange }
  return {
    inputsPerRound: 20_000,
    make: (random) => texts.make(random, 8, 8_000),
    check: (text) => checkRanges(text, subject.range) ?? checkHeaders(text) ?? checkUpload(text),
    faults: {
      'range-past-end': () => {
        subject.range = (request, etag, size) => {
          const range = parseRange(request, etag, size)
          return typeof range === 'object' ? { ...range, end: range.end + 1 } : range
        }
      },
    },
  }
}

function checkRanges(text: string, parse: typeof parseRange): string | undefined {
  for (const size of fileSizes) {
    const range = parse({ headers: { range: text } }, '"abc"', size)
    if (range === undefined || range === 'unsatisfiable') continue
    const { start, end } = range
    if (!(start >= 0 && start <= end && end < size)) return `a range of ${start} to ${end} of ${size} bytes`
  }
  return undefined
}

function checkHeaders(text: string): string | undefined {
  const found = findCookieToken(hubId, text)
  const coding = chooseCoding(text, ['br', 'zstd', 'gzip'])
  const name = sanitizeFileName(text)
  const disposition = contentDisposition({ name, type: 'image/png' })
  const [, encoded = ''] = /filename\*=UTF-8''([^;]*)$/.exec(disposition) ?? []
  const host = parseHostName(text)
  matchesEtag(text, '"abc"')
  const address = normalizeAddress(text)
  return firstProblem(
    [found === undefined || (tokenPattern.test(found) && text.includes(`${cookie}=${found}`)), 'a token'],
    [
      coding === undefined || text.includes('*') || text.toLowerCase().includes(coding),
      'a coding that was not offered',
    ],
    [/^[\u0020-\u007e]*$/.test(disposition), 'a header with other characters'],
    [disposition.split('"').length === 3, 'a name that ends its quotes'],
    [decodeURIComponent(encoded) === name, 'another name in the header'],
    [host === '' || text.toLowerCase().startsWith(host), 'another host'],
    [!/[/\\@?#\s]/.test(host), 'a host with a separator'],
    [normalizeAddress(address) === address, 'an address that changes again'],
    [typeof networkMatcher(['10.0.0.0/8'])(text) === 'boolean', 'a network'],
  )
}

function checkUpload(text: string): string | undefined {
  try {
    const upload = parseNewUpload({
      headers: { 'upload-length': text.slice(0, 16), 'upload-metadata': text },
    })
    const other = parseNewUpload({ headers: { 'upload-length': '10', 'upload-metadata': text } })
    return firstProblem(
      [Number.isSafeInteger(upload.size) && upload.size >= 0, 'a size'],
      [sanitizeFileName(other.name) !== '', 'a name'],
      [other.width === undefined || (other.width >= 1 && other.width <= 16_384), 'a width'],
    )
  } catch (error) {
    return error instanceof HubError && error.code === 'invalid' ? undefined : `it throws ${String(error)}`
  }
}
