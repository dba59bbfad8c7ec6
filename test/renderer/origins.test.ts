import { expect, test } from 'vitest'
import { originsOf } from '../../renderer/desktop/origins.ts'
import type { HostStatus, HubInfo } from '../../shared/desktop.ts'

const info = (addresses: string[]): HubInfo => ({
  ...{ id: 'h', name: 'North', addresses, trust: 'pinned', state: 'online', isHosted: false },
  ...{ problem: undefined, presented: undefined, unread: 0, mentions: 0 },
})
const host = (hubId: string): HostStatus => ({
  ...{ state: 'running', hubId, port: 7788 },
  addresses: [
    { host: '192.168.1.20', network: 'wlan0' },
    { host: 'fd00::5', network: 'wlan0' },
  ],
})

test('originsOf lists addresses that others can use first', () => {
  expect(originsOf(info(['127.0.0.1:7788']), undefined)).toEqual(['https://127.0.0.1:7788'])
  expect(originsOf(info(['127.0.0.1:7788', 'team.local:7788']), undefined)).toEqual([
    'https://team.local:7788',
    'https://127.0.0.1:7788',
  ])
  // as a browser writes it
  expect(originsOf(info(['chat.example.org:443', '[fd00::5]:7788']), undefined)).toEqual([
    'https://chat.example.org',
    'https://[fd00::5]:7788',
  ])
  expect(originsOf(info(['http://127.0.0.1:7788', '[::1]:7788', 'localhost:1']), undefined)).toEqual([
    'http://127.0.0.1:7788',
    'https://[::1]:7788',
    'https://localhost:1',
  ])
})

test('originsOf adds the network addresses of the hub hosted here, and of no other', () => {
  expect(originsOf(info(['127.0.0.1:7788']), host('h'))).toEqual([
    'https://192.168.1.20:7788',
    'https://[fd00::5]:7788',
    'https://127.0.0.1:7788',
  ])
  expect(originsOf(info(['127.0.0.1:7788']), host('other'))).toEqual(['https://127.0.0.1:7788'])
})
