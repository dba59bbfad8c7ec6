import { expect, test } from 'vitest'
import { hubProgram } from '../../main/host/connectivity/check.ts'
import { probeNetworkCategory, probeFirewall, type RunCommand } from '../../main/host/connectivity/probe.ts'
import { diagnose, type ConnectivityFacts } from '../../main/host/connectivity/diagnose.ts'

const homeAddress = { address: '192.168.1.20', via: 'wlan0' }

const passingFacts: ConnectivityFacts = {
  platform: 'linux',
  running: true,
  lan: true,
  announce: true,
  port: 7788,
  addresses: [homeAddress],
  self: { [homeAddress.address]: 'hub' },
  firewall: { kind: 'none', allowsPort: 'yes' },
  seenOutside: false,
  program: '/opt/Hubbub/hubbub',
}

test.each<[string, Partial<ConnectivityFacts>, string[]]>([
  ['the hub is off', { running: false }, ['problem not-running']],
  ['the hub accepts only this computer', { lan: false }, ['problem this-computer-only']],
  ['there is no network', { addresses: [], self: {} }, ['problem no-network']],
  [
    'no router assigned an address',
    { addresses: [{ address: '169.254.3.4', via: 'eth0' }], self: { '169.254.3.4': 'hub' } },
    ['problem no-address-given'],
  ],
  [
    'there is only a VPN',
    { addresses: [{ address: '100.101.1.2', via: 'tailscale0' }], self: { '100.101.1.2': 'hub' } },
    ['problem only-vpn'],
  ],
  [
    'another program listens on the port',
    { self: { [homeAddress.address]: 'other' } },
    ['problem other-program'],
  ],
  [
    'nothing listens on the port',
    { self: { [homeAddress.address]: 'nothing' } },
    ['problem nothing-listens'],
  ],
  [
    'the firewall blocks the port',
    { firewall: { kind: 'firewalld', allowsPort: 'no' } },
    ['problem firewall-blocks'],
  ],
  ['a user has connected from outside', { seenOutside: true }, ['ok works']],
  [
    'a user has connected once, but the firewall blocks now',
    { seenOutside: true, firewall: { kind: 'firewalld', allowsPort: 'no' } },
    ['problem firewall-blocks'],
  ],
  ['no problem is found and nobody has connected', {}, ['ok fine-here', 'hint guest-network']],
  [
    'the network is public in Windows',
    { platform: 'win32', firewall: { kind: 'windows', allowsPort: 'unknown' }, category: 'public' },
    ['ok fine-here', 'hint firewall-asks', 'hint public-network', 'hint guest-network'],
  ],
  [
    'macOS may deny the local network',
    { platform: 'darwin' },
    ['ok fine-here', 'hint local-network-permission', 'hint guest-network'],
  ],
  [
    'a VPN runs next to the network',
    {
      addresses: [homeAddress, { address: '10.8.0.2', via: 'wg0' }],
      self: { [homeAddress.address]: 'hub', '10.8.0.2': 'hub' },
    },
    ['ok fine-here', 'hint vpn-too', 'hint guest-network'],
  ],
  ['the hub is not announced', { announce: false, seenOutside: true }, ['ok works', 'hint not-announced']],
])('reports the right findings when %s', (_, changes, expected) => {
  expect(diagnose({ ...passingFacts, ...changes }).map(({ level, code }) => `${level} ${code}`)).toEqual(
    expected,
  )
})

test('puts the port and the quoted program into the commands to copy', () => {
  const commandsOf = (changes: Partial<ConnectivityFacts>) =>
    diagnose({ ...passingFacts, ...changes }).flatMap(({ commands }) => commands)
  expect(commandsOf({ port: 9000, firewall: { kind: 'ufw', allowsPort: 'unknown' } })).toEqual([
    'sudo ufw allow 9000/tcp',
    'sudo ufw allow 5353/udp',
  ])
  const [netsh] = commandsOf({
    platform: 'win32',
    firewall: { kind: 'windows', allowsPort: 'unknown' },
    program: 'C:\\Users\\Ann "x" & calc\\Hubbub.exe',
  })
  expect(netsh).toContain('program="C:\\Users\\Ann x & calc\\Hubbub.exe"')
  const [add] = commandsOf({
    platform: 'darwin',
    firewall: { kind: 'macos', allowsPort: 'no' },
    program: "/Users/ann's/Hubbub",
  })
  expect(add).toContain(`'/Users/ann'\\''s/Hubbub'`)
})

/** A system that returns these outputs and has no other programs. */
function fakeSystem(known: Record<string, string>): RunCommand {
  return async (program, args) => known[[program, ...args].join(' ')]
}

const readNoFile = async () => undefined

test.each<[string, Parameters<typeof probeFirewall>[0], Record<string, string>, string | undefined, string]>([
  [
    'firewalld with the port open',
    'linux',
    { 'firewall-cmd --state': 'running\n', 'firewall-cmd --query-port=7788/tcp': 'yes\n' },
    undefined,
    'firewalld yes',
  ],
  [
    'firewalld with a range',
    'linux',
    { 'firewall-cmd --state': 'running\n', 'firewall-cmd --list-ports': '22/tcp 7000-8000/tcp\n' },
    undefined,
    'firewalld yes',
  ],
  [
    'firewalld without the port',
    'linux',
    { 'firewall-cmd --state': 'running\n', 'firewall-cmd --list-ports': '7788/udp\n' },
    undefined,
    'firewalld no',
  ],
  ['ufw switched on', 'linux', {}, '# x\nENABLED=yes\n', 'ufw unknown'],
  ['ufw switched off', 'linux', {}, 'ENABLED=no\n', 'none yes'],
  ['an unknown firewall', 'linux', {}, undefined, 'unknown unknown'],
  ['Windows', 'win32', {}, undefined, 'windows unknown'],
  [
    'Windows, off',
    'win32',
    { 'netsh advfirewall show currentprofile state': 'State  OFF' },
    undefined,
    'windows yes',
  ],
  [
    'macOS, off',
    'darwin',
    {
      '/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate': 'Firewall is disabled. (State = 0)',
    },
    undefined,
    'none yes',
  ],
  [
    'macOS that blocks everything',
    'darwin',
    {
      '/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate': 'Firewall is enabled. (State = 1)',
      '/usr/libexec/ApplicationFirewall/socketfilterfw --getblockall': 'Firewall is blocking all (State = 2)',
    },
    undefined,
    'macos no',
  ],
])('reads from %s if the port is allowed', async (_, platform, known, file, expected) => {
  const { kind, allowsPort } = await probeFirewall(platform, 7788, {
    run: fakeSystem(known),
    readText: file === undefined ? readNoFile : async () => file,
  })
  expect(`${kind} ${allowsPort}`).toBe(expected)
})

test('reads the network category on Windows only', async () => {
  const run: RunCommand = async () => '1,0\r\n'
  expect(await probeNetworkCategory('win32', run)).toBe('public')
  expect(await probeNetworkCategory('win32', async () => 'surprise')).toBeUndefined()
  expect(await probeNetworkCategory('linux', run)).toBeUndefined()
})

test('names the program that the firewall of each system knows', () => {
  const mac = { platform: 'darwin', execPath: '/Applications/Hubbub.app/Contents/MacOS/Hubbub' } as const
  const helper = '/Applications/Hubbub.app/Contents/Frameworks/Hubbub Helper.app/Contents/MacOS/Hubbub Helper'
  expect(hubProgram(mac, helper)).toBe(helper)
  expect(hubProgram(mac)).toBe(helper)
  expect(hubProgram({ platform: 'win32', execPath: 'C:\\Hubbub.exe' }, 'x')).toBe('C:\\Hubbub.exe')
  expect(hubProgram({ platform: 'linux', execPath: '/opt/Hubbub/hubbub' })).toBe('/opt/Hubbub/hubbub')
})
