import { addressKind } from '../../../shared/addresses.ts'
import type { HubAddress } from '../../../shared/hosting.ts'
import type { Finding, FindingCode } from '../../../shared/reachability.ts'

/** What could be found out, without changing anything and without asking for rights. */
export interface ReachFacts {
  platform: Finding['platform']
  running: boolean
  lan: boolean
  announce: boolean
  port: number
  addresses: readonly HubAddress[]
  /** What answers when this computer calls itself by its own address: the hub, somebody else, or nobody. */
  self: Readonly<Record<string, 'hub' | 'other' | 'nothing'>>
  firewall: {
    kind: 'ufw' | 'firewalld' | 'windows' | 'macos' | 'none' | 'unknown'
    /** `unknown` where only an administrator may look. */
    lets: 'yes' | 'no' | 'unknown'
  }
  /** What Windows takes the network for. */
  category?: 'public' | 'private' | undefined
  /** Somebody came from another computer, now or ever. */
  seenOutside: boolean
  /** What the firewall would have to let through. */
  program: string
}

/** From facts to what to do, the most likely first. Whoever has come in before the others proves that they can. */
export function findings(facts: ReachFacts): Finding[] {
  if (!facts.running) return [problem(facts, 'not-running')]
  if (!facts.lan) return [problem(facts, 'this-computer-only')]
  const problems = [...networkProblems(facts), ...answerProblems(facts), ...firewallProblems(facts)]
  if (problems.length > 0) return [...problems, ...notes(facts)]
  if (facts.seenOutside) return [found(facts, 'works', 'ok'), ...notes(facts)]
  return [found(facts, 'fine-here', 'ok'), ...suspicions(facts), ...notes(facts)]
}

function networkProblems(facts: ReachFacts): Finding[] {
  const { addresses } = facts
  if (addresses.length === 0) return [problem(facts, 'no-network')]
  if (addresses.every(({ address }) => addressKind(address) === 'link-local')) {
    return [problem(facts, 'no-address-given')]
  }
  return addresses.every((one) => isVpn(one)) ? [problem(facts, 'only-vpn', { via: viaOf(addresses) })] : []
}

function answerProblems(facts: ReachFacts): Finding[] {
  const asked = facts.addresses.map(({ address }) => facts.self[address])
  if (asked.includes('other')) {
    return [problem(facts, 'other-program', { port: String(facts.port) })]
  }
  if (asked.length > 0 && asked.every((answer) => answer === 'nothing')) {
    return [problem(facts, 'nothing-listens', { port: String(facts.port) })]
  }
  return []
}

function firewallProblems(facts: ReachFacts): Finding[] {
  const { firewall } = facts
  if (firewall.lets !== 'no') return []
  return [problem(facts, 'firewall-blocks', { firewall: firewall.kind }, firewallCommands(facts))]
}

/** Nothing is wrong as far as this computer can see, and still nobody ever came. */
function suspicions(facts: ReachFacts): Finding[] {
  const { firewall, platform, addresses } = facts
  const hints: Finding[] = []
  if (firewall.lets === 'unknown' && firewall.kind !== 'none') {
    hints.push(hint(facts, 'firewall-asks', { firewall: firewall.kind }, firewallCommands(facts)))
  }
  if (facts.category === 'public') {
    hints.push(
      hint(facts, 'public-network', {}, [
        'Get-NetConnectionProfile | Set-NetConnectionProfile -NetworkCategory Private',
      ]),
    )
  }
  if (platform === 'darwin') hints.push(hint(facts, 'local-network-permission'))
  const vpn = addresses.filter((one) => isVpn(one))
  if (vpn.length > 0) hints.push(hint(facts, 'vpn-too', { via: viaOf(vpn) }))
  hints.push(hint(facts, 'guest-network'))
  return hints
}

function notes(facts: ReachFacts): Finding[] {
  return facts.announce ? [] : [hint(facts, 'not-announced')]
}

const vpnNames = /^(tun|tap|wg|ppp|utun|zt|tailscale|nordlynx|proton|ipsec)|vpn|wireguard|zerotier|tailscale/i
const virtualNames =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|bridge\d|lxc|cni|podman)|vethernet|virtualbox|vmware|hyper-v|wsl/i

/** Also what leads to virtual machines: no other computer is behind it either. */
export function isVpn({ address, via }: HubAddress): boolean {
  return addressKind(address) === 'shared' || vpnNames.test(via) || virtualNames.test(via)
}

function viaOf(addresses: readonly HubAddress[]): string {
  return [...new Set(addresses.map(({ via }) => via))].join(', ')
}

function firewallCommands({ firewall, port, program }: ReachFacts): string[] {
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
        `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add ${inShell(program)}`,
        `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --unblockapp ${inShell(program)}`,
      ]
    default:
      return []
  }
}

function inShell(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`
}

function problem(
  facts: ReachFacts,
  code: FindingCode,
  values: Record<string, string> = {},
  commands: string[] = [],
): Finding {
  return found(facts, code, 'problem', { values, commands })
}

function hint(
  facts: ReachFacts,
  code: FindingCode,
  values: Record<string, string> = {},
  commands: string[] = [],
): Finding {
  return found(facts, code, 'hint', { values, commands })
}

function found(
  { platform }: ReachFacts,
  code: FindingCode,
  level: Finding['level'],
  { values = {}, commands = [] }: { values?: Record<string, string>; commands?: string[] } = {},
): Finding {
  return { code, level, platform, values, commands }
}
