import path from 'node:path'

export interface FolderQuestion {
  message: string
  detail: string
  action: string
}

export interface FolderFacts {
  /** The name of the present hub; undefined: there is none. */
  present: string | undefined
  presentDir: string
  /** Other users, whom the change disconnects. */
  connectedUsers: number
  chosenDir: string
  hasHub: boolean
}

/** Returns what to ask before another folder takes the place of the hub, or undefined if there is no hub. */
export function folderQuestion(facts: FolderFacts): FolderQuestion | undefined {
  const { present, presentDir, connectedUsers, chosenDir, hasHub } = facts
  if (present === undefined) return undefined
  const folder = path.basename(chosenDir) || chosenDir
  const hub = present === '' ? 'The present hub' : present
  const connected =
    connectedUsers === 0
      ? ''
      : ` ${connectedUsers === 1 ? 'One person is connected to it.' : `${connectedUsers} people are connected to it.`}`
  const stops = `${hub} stops.${connected} Its data stays in ${presentDir}.`
  if (hasHub)
    return {
      message: `Host the hub in “${folder}” instead?`,
      detail: stops,
      action: 'Use this hub',
    }
  return {
    message: `There is no hub in “${folder}”. Use it for a new one?`,
    detail: `${stops} Nothing is moved: to move ${present === '' ? 'it' : hub}, stop it, move its folder, and choose the folder here.`,
    action: 'Use this folder',
  }
}
