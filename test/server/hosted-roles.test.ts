import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { hostStandby } from '../../server/hosted-roles.ts'
import type { FromHubProcess } from '../../shared/hub-process-messages.ts'
import { newDataDir } from '../support/data-dir.ts'

test('a standby reports its addresses when they change, for those who should reach it later', () => {
  const sent: FromHubProcess[] = []
  let addresses = [{ address: '10.0.0.5', via: 'wlan0' }]
  const role = hostStandby(
    { standby: undefined, port: 7788 },
    {
      dataDir: newDataDir(),
      log: pino({ enabled: false }),
      send: (message) => sent.push(message),
      listAddresses: () => addresses,
    },
  )
  onTestFinished(() => role.stop())
  role.refreshAddresses()
  expect(sent).toMatchObject([{ t: 'listening', role: 'standby', addresses }])
  addresses = [{ address: '10.0.1.7', via: 'eth0' }]
  role.refreshAddresses()
  role.refreshAddresses()
  expect(sent.slice(1)).toEqual([{ t: 'addresses', addresses }])
})
