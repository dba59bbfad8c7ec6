import { existsSync } from 'node:fs'
import path from 'node:path'
import type { HubListening, HubStartOptions } from '../../shared/hub-process-messages.ts'
import { ShellError } from '../shell-error.ts'
import { isCopyFolder, removeFolder } from './copy-folder.ts'
import type { Hosted, HostSettingsFile } from './settings.ts'
import type { Supervisor } from './supervisor.ts'

interface HostFoldersOptions {
  settings: HostSettingsFile
  supervisor: Supervisor
  /** Resolves as soon as the hub's process runs or is down. */
  settled: () => Promise<void>
  startOptions: () => HubStartOptions
  onChange: () => void
  /** False once the app ends. */
  mayStart: () => boolean
}

/** True if a folder has the data of a hub, or of a standby whose copy has not come yet. */
export function hasHub(dataDir: string): boolean {
  return ['hub.db', path.join('continuity', 'state.json')].some((name) =>
    existsSync(path.join(dataDir, name)),
  )
}

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
  async start(dataDir: string, how: Pick<HubStartOptions, 'standbyOf'> = {}): Promise<HubListening> {
    const { settings, supervisor, settled, startOptions } = this.#options
    const { dataDir: leftDir, hubId, name, wasRunning, lan } = settings.current
    const left: Hosted = { dataDir: leftDir, hubId, name, wasRunning, lan }
    // others must reach a standby too, before the day it is the hub
    const isStandby = how.standbyOf !== undefined
    settings.change({ dataDir, wasRunning: true, fallback: left, ...(isStandby ? { lan: true } : {}) })
    await supervisor.stop()
    const running = settled()
    supervisor.start({ ...startOptions(), ...how })
    await running
    const { state } = supervisor
    if (state.state === 'running') {
      settings.record({ fallback: null, ...(isStandby ? { previous: left } : {}) })
      this.#options.onChange()
      return state.listening
    }
    await supervisor.stop()
    this.#goBackTo(left)
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
    settings.change({ dataDir, wasRunning: hasHub(dataDir) })
    await supervisor.stop()
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
    settings.record({ previous: null })
    this.#goBackTo(previous)
    if (deletes) removeFolder(dataDir)
  }

  #goBackTo({ dataDir, ...rest }: Hosted): void {
    const { settings, supervisor, startOptions, onChange, mayStart } = this.#options
    // another folder resets the id and the name, so it comes first
    settings.record({ dataDir })
    settings.record({ ...rest, fallback: null })
    if (rest.wasRunning && mayStart()) supervisor.start(startOptions())
    else onChange()
  }
}
