/** Result of the connectivity check: why others cannot connect, or that they can. The page holds the texts; commands need no translation. */
export type ConnectivityFindingCode =
  | 'works'
  | 'not-running'
  | 'this-computer-only'
  | 'no-network'
  | 'no-address-given'
  | 'only-vpn'
  | 'other-program'
  | 'nothing-listens'
  | 'firewall-blocks'
  | 'firewall-asks'
  | 'public-network'
  | 'local-network-permission'
  | 'vpn-too'
  | 'guest-network'
  | 'not-announced'
  | 'fine-here'

export interface ConnectivityFinding {
  code: ConnectivityFindingCode
  /** `problem`: nobody can connect. `hint`: a possible cause. */
  level: 'ok' | 'hint' | 'problem'
  /** The system that the instructions are for. */
  platform: 'win32' | 'darwin' | 'linux'
  values: Record<string, string>
  /** To copy into a terminal, with `sudo` or as administrator where that is needed. */
  commands: string[]
}
