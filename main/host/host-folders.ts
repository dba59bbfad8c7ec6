import { existsSync } from 'node:fs'
import path from 'node:path'
import type { HubListening, HubStartOptions } from '../../shared/hub-process-messages.ts'
import { ShellError } from '../shell-error.ts'
import { isCopyFolder, removeFolder } from './copy-folder.ts'
import type { HostSettingsFile, StoredHostSettings } from './settings.ts'
import type { Supervisor } from './supervisor.ts'

interface HostFoldersOptions {
  settings: HostSettingsFile
  supervisor: Supervisor
  /** Resolves as soon as the hub's process runs or is down. */
  settled: () => Promise<void>
  startOptions: () => HubStartOptions
  onChange: () => void
}

/** True if a folder has the data of a hub, or of a standby whose copy has not come yet. */
export function hasHub(dataDir: string): boolean {
  return ['hub.db', path.join('continuity', 'state.json')].some((name) =>
    existsSync(path.join(dataDir, name)),
  )
}

type Previous = NonNullable<StoredHostSettings['previous']>

/**
 * Another folder for what this computer hosts: for a restored hub, for one that it follows, or one that the user chose. The
 * earlier one stays.
 */
export class HostFolders {
  readonly #options: HostFoldersOptions

  constructor(options: HostFoldersOptions) {
    this.#options = options
  }

  /** Starts in a folder that does not exist yet. @throws ShellError with the problem; then everything is as it was */
  async start(
    dataDir: string,
    how: Pick<HubStartOptions, 'restoreFrom' | 'standbyOf'>,
  ): Promise<HubListening> {
    const { settings, supervisor, settled, startOptions } = this.#options
    const { dataDir: previousDataDir, hubId, name, wasRunning, lan, previous } = settings.current
    const left: Previous = { dataDir: previousDataDir, hubId, name, wasRunning, lan }
    await supervisor.stop()
    settings.change({
      ...{ dataDir, wasRunning: true },
      // others must reach a standby too, before the day it is the hub
      ...(how.standbyOf === undefined ? {} : { lan: true, previous: left }),
    })
    const running = settled()
    supervisor.start({ ...startOptions(), ...how })
    await running
    const { state } = supervisor
    if (state.state === 'running') return state.listening
    await supervisor.stop()
    this.#goBackTo(left, previous)
    throw new ShellError(
      'conflict',
      'problem' in state ? state.problem.sentence : 'This did not work. Try again.',
    )
  }

  /**
   * Starts the hub of a folder. Without a hub in it nothing starts: a hub that nobody has set up would take the place of
   * the earlier one on the network.
   */
  async use(dataDir: string): Promise<void> {
    const { settings, supervisor, settled, startOptions, onChange } = this.#options
    await supervisor.stop()
    settings.change({ dataDir, wasRunning: hasHub(dataDir) })
    if (!hasHub(dataDir)) return onChange()
    const running = settled()
    supervisor.start(startOptions())
    await running
  }

  /**
   * Follows no longer, and starts what was hosted before. With `deletes` the copy here goes too.
   * @throws ShellError if this computer does not follow by a link, or has become the hub
   */
  async leave(deletes: boolean): Promise<void> {
    const { settings, supervisor, startOptions } = this.#options
    const { dataDir, previous } = settings.current
    if (!previous) throw new ShellError('conflict', 'This computer does not follow another hub.')
    await supervisor.stop()
    if (!isCopyFolder(dataDir)) {
      supervisor.start(startOptions())
      throw new ShellError('conflict', 'This computer has become the hub in the meantime, so it goes on.')
    }
    this.#goBackTo(previous, null)
    if (deletes) removeFolder(dataDir)
  }

  #goBackTo({ dataDir, ...rest }: Previous, previous: StoredHostSettings['previous']): void {
    const { settings, supervisor, startOptions, onChange } = this.#options
    // another folder resets the id and the name, so it comes first
    settings.change({ dataDir })
    settings.change({ ...rest, previous })
    if (rest.wasRunning) supervisor.start(startOptions())
    else onChange()
  }
}
