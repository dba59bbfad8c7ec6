// The log for users at a terminal: the time of day, a word for the level if it is more than information, the
// message, then the other fields. Everything is in the JSON form too, see openLog in cli.ts.

const levelNames: Record<number, string> = { 40: 'warning', 50: 'error', 60: 'fatal' }
const red = 31
const yellow = 33
const dim = 2

interface LogLine {
  level: number
  time: string
  msg?: string
  err?: { message?: string; stack?: string }
  [field: string]: unknown
}

/** A destination for pino that writes each line of JSON as words. */
export function terminalLog(
  write: (text: string) => void,
  { hasColour }: { hasColour: boolean },
): { write(line: string): void } {
  const paint = (colour: number, text: string): string => (hasColour ? `\x1b[${colour}m${text}\x1b[0m` : text)
  return {
    write: (line) => {
      const { level, time, msg = '', err, ...fields } = JSON.parse(line) as LogLine
      const name = levelNames[level]
      const parts = [
        paint(dim, timeOfDay(new Date(time))),
        ...(name ? [paint(level > 40 ? red : yellow, `${name}:`)] : []),
        printable(msg),
        ...Object.entries(fields).map(([key, value]) => paint(dim, `${key}=${printable(asText(value))}`)),
      ]
      const trace = (err?.stack ?? err?.message ?? '').split('\n').filter((text) => text !== '')
      write([parts.join(' '), ...trace.map((text) => `  ${printable(text)}`), ''].join('\n'))
    },
  }
}

/** https://no-color.org: any value but an empty one asks for none. */
export function wantsColour(stream: { isTTY: boolean }, env = process.env): boolean {
  return stream.isTTY && !env['NO_COLOR']
}

function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Makes codes visible that would change the terminal or add lines: a field may hold what a stranger sent. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (code) => `\\x${code.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
