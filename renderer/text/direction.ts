// The directions of composed texts: a name in Arabic or Hebrew within an English line, and English lines within a page
// that runs from right to left, where "2 replies" would be shown as "replies 2". Parts are put between U+2068 and
// U+2069: their own first letter gives them their direction, and they do not turn what is around them.

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/
const isolatePattern = /[\u2068\u2069]/g

/** Isolates a value if it would turn the line around it. */
export function isolateValue(value: string): string {
  return rightToLeft.test(value) && !value.startsWith('\u2068') ? `\u2068${value}\u2069` : value
}

/** Isolates a finished line in a page that runs from right to left. Elsewhere the line is in its own direction already. */
export function isolateLine(line: string): string {
  return line !== '' && isPageRightToLeft() ? `\u2068${line}\u2069` : line
}

/** `Read · Created yesterday`: facts about one thing, without those that are empty. */
export function joinFacts(facts: readonly string[]): string {
  return facts
    .filter((fact) => fact !== '')
    .map((fact) => isolateLine(isolateValue(fact)))
    .join(' · ')
}

/** For the name of a file, where an invisible character only disturbs. */
export function withoutIsolates(text: string): string {
  return text.replace(isolatePattern, '')
}

function isPageRightToLeft(): boolean {
  // the tests of what only computes have no document
  return 'document' in globalThis && document.documentElement.dir === 'rtl'
}
