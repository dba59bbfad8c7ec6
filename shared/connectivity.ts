/** Why others cannot connect, or that they can. The page has the words; commands are the same in every language. */
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
  /** `problem`: nobody gets in. `hint`: it may be this. */
  level: 'ok' | 'hint' | 'problem'
  /** The system whose way of settling it is to be told. */
  platform: 'win32' | 'darwin' | 'linux'
  values: Record<string, string>
  /** To copy into a terminal; with a `sudo` or as an administrator where that is needed. */
  commands: string[]
}
