import { expect, test } from 'vitest'
import { adviceKey } from '../../renderer/desktop/advice-key.ts'
import { desktopText } from '../../renderer/text/en/desktop.ts'

const texts: Record<string, unknown> = desktopText
const advice = Object.keys(texts).filter((key) => /^connectivity\..+\.(do|win32|darwin|linux)$/.test(key))

test('advice that announces a command has a second text for when none is known', () => {
  const announcing = advice.filter((key) => String(texts[key]).endsWith(':'))
  expect(announcing.length).toBeGreaterThan(5)
  for (const key of announcing) expect(String(texts[`${key}.alone`]), key).toMatch(/\.$/)
})

test('the advice follows the system, and whether a command is known', () => {
  const blocked = { code: 'firewall-asks', platform: 'linux', commands: ['sudo ufw allow 7788'] } as const
  const keyFor = (commands: readonly string[]) => adviceKey({ ...blocked, commands: [...commands] })
  expect(keyFor(blocked.commands)).toBe('connectivity.firewall-asks.linux')
  expect(keyFor([])).toBe('connectivity.firewall-asks.linux.alone')
  // advice without a command has one text only
  expect(adviceKey({ code: 'no-network', platform: 'linux', commands: [] })).toBe(
    'connectivity.no-network.do',
  )
})
