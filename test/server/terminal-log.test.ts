import { pino } from 'pino'
import { expect, test } from 'vitest'
import { terminalLog, wantsColour } from '../../server/terminal-log.ts'

/** Returns what the log writes, with the time of day as `T`. */
function logged(act: (log: pino.Logger) => void, hasColour = false): string {
  let text = ''
  const destination = terminalLog((part) => (text += part), { hasColour })
  act(pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination))
  return text.replace(/\d\d:\d\d:\d\d/g, 'T')
}

test('writes the time, the message and the other fields in one line', () => {
  const line = logged((log) => log.info({ messages: 12, file: 'a b' }, 'the search index is complete'))
  expect(line).toBe('T the search index is complete messages=12 file=a b\n')
})

test('names a level above information, and indents the stack of an error', () => {
  const error = new Error('no space')
  error.stack = 'Error: no space\n    at write (a.ts:1)'
  expect(logged((log) => log.warn('soon full'))).toBe('T warning: soon full\n')
  expect(logged((log) => log.error({ err: error }, 'not saved'))).toBe(
    'T error: not saved\n  Error: no space\n      at write (a.ts:1)\n',
  )
})

test('shows control characters instead of running them', () => {
  const line = logged((log) => log.info({ name: '\x1b[2Jgone\nT fatal: forged' }, 'a\x07b'))
  expect(line).toBe('T a\\x07b name=\\x1b[2Jgone\\x0aT fatal: forged\n')
})

test('uses colour only at a terminal that wants it', () => {
  expect(logged((log) => log.warn('x'), true)).toBe('\x1b[2mT\x1b[0m \x1b[33mwarning:\x1b[0m x\n')
  expect(wantsColour({ isTTY: true }, {})).toBe(true)
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColour({ isTTY: false }, {})).toBe(false)
})
