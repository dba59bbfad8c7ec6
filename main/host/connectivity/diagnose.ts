import { addressKind } from '../../../shared/addresses.ts'
import type { HubAddress } from '../../../shared/hub-process-messages.ts'
import type { ConnectivityFinding, ConnectivityFindingCode } from '../../../shared/connectivity.ts'

/** Facts that can be found without changing anything and without administrator rights. */
export interface ConnectivityFacts {
  platform: ConnectivityFinding['platform']
  running: boolean
  lan: boolean
  announce: boolean
  port: number
  addresses: readonly HubAddress[]
  /** What accepts a connection to this computer's own address: the hub, another program, or nothing. */
  self: Readonly<Record<string, 'hub' | 'other' | 'nothing'>>
  firewall: {
    kind: 'ufw' | 'firewalld' | 'windows' | 'macos' | 'none' | 'unknown'
    /** `unknown` if only an administrator may read it. */
    allowsPort: 'yes' | 'no' | 'unknown'
  }
  /** The category Windows gives the network. */
  category?: 'public' | 'private' | undefined
  /** A user connected from another computer, now or earlier. */
  seenOutside: boolean
  /** The program that the firewall has to allow. */
  program: string
}

/**
 * Turns facts into findings, the most likely first. A user who already connected from outside proves that others can.
 */
export function diagnose(facts: ConnectivityFacts): ConnectivityFinding[] {
  if (!facts.running) return [problemFinding(facts, 'not-running')]
  if (!facts.lan) return [problemFinding(facts, 'this-computer-only')]
  const problems = [...networkProblems(facts), ...selfProbeProblems(facts), ...firewallProblems(facts)]
  if (problems.length > 0) return [...problems, ...announcementHints(facts)]
  if (facts.seenOutside) return [createFinding(facts, 'works', 'ok'), ...announcementHints(facts)]
  return [createFinding(facts, 'fine-here', 'ok'), ...possibleCauses(facts), ...announcementHints(facts)]
}

function networkProblems(facts: ConnectivityFacts): ConnectivityFinding[] {
  const { addresses } = facts
  if (addresses.length === 0) return [problemFinding(facts, 'no-network')]
  if (addresses.every(({ address }) => addressKind(address) === 'link-local')) {
    return [problemFinding(facts, 'no-address-given')]
  }
  return addresses.every((address) => isVpnOrVirtual(address))
    ? [problemFinding(facts, 'only-vpn', { via: interfaceNames(addresses) })]
    : []
}

function selfProbeProblems(facts: ConnectivityFacts): ConnectivityFinding[] {
  const results = facts.addresses.map(({ address }) => facts.self[address])
  if (results.includes('other')) {
    return [problemFinding(facts, 'other-program', { port: String(facts.port) })]
  }
  if (results.length > 0 && results.every((result) => result === 'nothing')) {
    return [problemFinding(facts, 'nothing-listens', { port: String(facts.port) })]
  }
  return []
}

function firewallProblems(facts: ConnectivityFacts): ConnectivityFinding[] {
  const { firewall } = facts
  if (firewall.allowsPort !== 'no') return []
  return [problemFinding(facts, 'firewall-blocks', { firewall: firewall.kind }, firewallCommands(facts))]
}

/** This computer finds nothing wrong, and still nobody has ever connected from outside. */
function possibleCauses(facts: ConnectivityFacts): ConnectivityFinding[] {
  const { firewall, platform, addresses } = facts
  const hints: ConnectivityFinding[] = []
  if (firewall.allowsPort === 'unknown' && firewall.kind !== 'none') {
    hints.push(hintFinding(facts, 'firewall-asks', { firewall: firewall.kind }, firewallCommands(facts)))
  }
  if (facts.category === 'public') {
    hints.push(
      hintFinding(facts, 'public-network', {}, [
        'Get-NetConnectionProfile | Set-NetConnectionProfile -NetworkCategory Private',
      ]),
    )
  }
  if (platform === 'darwin') hints.push(hintFinding(facts, 'local-network-permission'))
  const vpn = addresses.filter((address) => isVpnOrVirtual(address))
  if (vpn.length > 0) hints.push(hintFinding(facts, 'vpn-too', { via: interfaceNames(vpn) }))
  hints.push(hintFinding(facts, 'guest-network'))
  return hints
}

function announcementHints(facts: ConnectivityFacts): ConnectivityFinding[] {
  return facts.announce ? [] : [hintFinding(facts, 'not-announced')]
}

const vpnNames = /^(tun|tap|wg|ppp|utun|zt|tailscale|nordlynx|proton|ipsec)|vpn|wireguard|zerotier|tailscale/i
const virtualNames =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|bridge\d|lxc|cni|podman)|vethernet|virtualbox|vmware|hyper-v|wsl/i

/** VPN interfaces and bridges to virtual machines: no other computer is reachable through them. */
export function isVpnOrVirtual({ address, via }: HubAddress): boolean {
  return addressKind(address) === 'shared' || vpnNames.test(via) || virtualNames.test(via)
}

function interfaceNames(addresses: readonly HubAddress[]): string {
  return [...new Set(addresses.map(({ via }) => via))].join(', ')
}

function firewallCommands({ firewall, port, program }: ConnectivityFacts): string[] {
  switch (firewall.kind) {
    case 'ufw':
      return [`sudo ufw allow ${port}/tcp`, 'sudo ufw allow 5353/udp']
    case 'firewalld':
      return [
        `sudo firewall-cmd --permanent --add-port=${port}/tcp`,
        'sudo firewall-cmd --permanent --add-service=mdns',
        'sudo firewall-cmd --reload',
      ]
    case 'windows':
      return [
        `netsh advfirewall firewall add rule name="Hubbub" dir=in action=allow program="${program.replace(/"/g, '')}" enable=yes profile=private,domain`,
      ]
    case 'macos':
      return [
        `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add ${quoteForShell(program)}`,
        `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --unblockapp ${quoteForShell(program)}`,
      ]
    default:
      return []
  }
}

function quoteForShell(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}

function problemFinding(
  facts: ConnectivityFacts,
  code: ConnectivityFindingCode,
  values: Record<string, string> = {},
  commands: string[] = [],
): ConnectivityFinding {
  return createFinding(facts, code, 'problem', { values, commands })
}

function hintFinding(
  facts: ConnectivityFacts,
  code: ConnectivityFindingCode,
  values: Record<string, string> = {},
  commands: string[] = [],
): ConnectivityFinding {
  return createFinding(facts, code, 'hint', { values, commands })
}

function createFinding(
  { platform }: ConnectivityFacts,
  code: ConnectivityFindingCode,
  level: ConnectivityFinding['level'],
  { values = {}, commands = [] }: { values?: Record<string, string>; commands?: string[] } = {},
): ConnectivityFinding {
  return { code, level, platform, values, commands }
}
