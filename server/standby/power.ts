import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Power } from '../../shared/hub-process-messages.ts'

export type { Power }

const folderOfLinux = '/sys/class/power_supply'

/**
 * Returns how this computer is powered; undefined if the system does not say it in files, as on macOS and Windows: there
 * the desktop app knows. A computer without a battery has mains power.
 *
 * Source: https://docs.kernel.org/power/power_supply_class.html
 */
export function readPower(folder = folderOfLinux): Power | undefined {
  const read = (supply: string, property: string): string => {
    try {
      return readFileSync(path.join(folder, supply, property), 'utf8').trim()
    } catch {
      return ''
    }
  }
  try {
    // a mouse or a headset has a battery of the scope Device
    const batteries = readdirSync(folder).filter(
      (supply) => read(supply, 'type') === 'Battery' && read(supply, 'scope') !== 'Device',
    )
    return batteries.some((battery) => read(battery, 'status') === 'Discharging') ? 'battery' : 'mains'
  } catch {
    return undefined
  }
}
