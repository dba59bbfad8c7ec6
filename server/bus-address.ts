import { StartError } from './start-error.ts'

const variable = 'HUBBUB_BUS'
const schemes = ['redis:', 'rediss:', 'nats:', 'tls:']

/**
 * Reads the address of a server that carries the turns of a cluster. As with the address of a database, the command line
 * may not contain a password.
 * @throws StartError for anything else
 */
export function readBusAddress(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  isCluster: boolean,
): { bus?: string } {
  const text = given ?? env[variable]
  if (!text) return {}
  const from = given === undefined ? variable : '--bus'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !schemes.includes(url.protocol) || url.hostname === '') {
    throw new StartError(
      `The address in ${from} is not valid: write it as redis://host:6379 or nats://host:4222, and with TLS as rediss://host:6379 or tls://host:4222.`,
    )
  }
  const others = [...url.searchParams.keys()].filter((name) => name !== 'ca')
  if (others.length > 0) {
    throw new StartError(
      `The address in ${from} has an unknown part "${others[0]}": it may end with ?ca=FILE.`,
    )
  }
  if (given !== undefined && (url.password !== '' || url.username !== '')) {
    throw new StartError(
      `Everybody on this computer can read a password after --bus: put the whole address into the variable ${variable}.`,
    )
  }
  // the variable may be set for other hubs of the computer too
  if (!isCluster && given === undefined) return {}
  if (!isCluster)
    throw new StartError('--bus connects several processes: give --cluster too, or leave it out.')
  return { bus: text }
}
