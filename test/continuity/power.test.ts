import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPower } from '../../server/standby/power.ts'
import { newDataDir } from '../support/data-dir.ts'

function suppliesOf(supplies: Record<string, Record<string, string>>): string {
  const folder = newDataDir()
  for (const [name, properties] of Object.entries(supplies)) {
    mkdirSync(join(folder, name), { recursive: true })
    for (const [property, value] of Object.entries(properties))
      writeFileSync(join(folder, name, property), `${value}\n`)
  }
  return folder
}

test('a computer runs on its battery while that discharges; one without a battery has mains power', () => {
  const laptop = (status: string) =>
    suppliesOf({ AC: { type: 'Mains', online: '0' }, BAT0: { type: 'Battery', status } })
  expect(readPower(laptop('Discharging'))).toBe('battery')
  expect(readPower(laptop('Charging'))).toBe('mains')
  expect(readPower(laptop('Not charging'))).toBe('mains')
  const mouse = { type: 'Battery', scope: 'Device', status: 'Discharging' }
  expect(readPower(suppliesOf({ hidpp_battery_0: mouse }))).toBe('mains')
  expect(readPower(suppliesOf({}))).toBe('mains')
  expect(readPower(join(newDataDir(), 'none'))).toBeUndefined()
})
