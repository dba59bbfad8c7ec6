import type { ConnectivityFinding } from '../../shared/connectivity.ts'
import { desktopText } from '../text/en/desktop.ts'

/** Some have separate advice for each system. */
export function adviceKey({
  code,
  platform,
  commands,
}: Pick<ConnectivityFinding, 'code' | 'platform' | 'commands'>): keyof typeof desktopText | undefined {
  const keys = [`connectivity.${code}.${platform}`, `connectivity.${code}.do`]
  // No command is known for this firewall: the sentence then announces none.
  const withoutCommand = commands.length === 0 ? keys.map((key) => `${key}.alone`) : []
  return [...withoutCommand, ...keys].find((key): key is keyof typeof desktopText =>
    Object.hasOwn(desktopText, key),
  )
}
