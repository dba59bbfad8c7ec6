import { existsSync } from 'node:fs'
import {
  commandMs,
  type Fault,
  type Ground,
  loseData,
  orderAt,
  pick,
  pointTimeoutMs,
  seconds,
  setBack,
  startBoth,
  takeOverMs,
  takesOver,
  until,
  wait,
} from './ground.ts'
import {
  alonePoints,
  copyPoints,
  hubPoints,
  sealPoints,
  standbyPoints,
  stepDownPoints,
  takeOverPoints,
  togetherPoints,
} from './orders.ts'
import { thirdFaults } from './third-faults.ts'

/*
 * What happens to the computers in a round, while clients write. Afterwards the campaign mends the network, frees the
 * disks, and starts what has ended.
 */

const kills: Fault[] = [
  {
    name: 'kill-hub',
    run: async (ground) => {
      await ground.hub.kill()
      await seconds(ground, 0, 2)
      await ground.hub.start()
    },
  },
  {
    name: 'kill-standby',
    run: async (ground) => {
      const { standby, vote, acknowledged, problems } = ground
      await standby.kill()
      // what was under way may have reached it
      await wait(500)
      const before = acknowledged()
      await seconds(ground, 1, 3)
      if (vote === 'standby' && acknowledged() > before)
        problems.push('the hub acknowledged while the standby, which has the vote, was away')
      if (vote !== 'standby' && acknowledged() === before)
        await until(10_000, async () => acknowledged() > before)
      if (vote !== 'standby' && acknowledged() === before) problems.push('the hub did not go on alone')
      await standby.start()
    },
  },
  {
    name: 'kill-both',
    run: async (ground) => {
      await Promise.all([ground.hub.kill(), ground.standby.kill()])
      await startBoth(ground)
    },
  },
  {
    name: 'take-over',
    vote: 'standby',
    run: async (ground) => {
      await ground.hub.kill()
      await takesOver(ground)
    },
  },
  {
    // the frames of the last batches are still on their way when the hub dies
    name: 'lagging-take-over',
    vote: 'standby',
    run: async (ground) => {
      ground.network.delay(300)
      await seconds(ground, 1, 2)
      await ground.hub.kill()
      await takesOver(ground)
    },
  },
  {
    name: 'promote',
    vote: 'hub',
    run: async (ground) => {
      ground.network.delay(ground.random.below(200))
      await seconds(ground, 0.5, 1.5)
      await ground.hub.kill()
      await ground.standby.ask({ command: 'promote', isForced: true }, commandMs)
      await seconds(ground, 0, 2)
    },
  },
  {
    name: 'promote-kill',
    vote: 'hub',
    run: async (ground) => {
      const { hub, standby } = ground
      await standby.arm(orderAt(ground, takeOverPoints))
      await hub.kill()
      await standby.ask({ command: 'promote', isForced: true }, commandMs).catch(() => undefined)
      await standby.ended(1_000)
      await startBoth(ground)
    },
  },
  {
    // the former hub hears of it, or serves a part of the team for a while
    name: 'two-hubs',
    vote: 'hub',
    run: async (ground) => {
      const { network, standby } = ground
      if (ground.random.chance(0.7)) network.cut()
      else network.drop()
      await seconds(ground, 0, 2)
      await standby.ask({ command: 'promote', isForced: true }, commandMs)
      await seconds(ground, 0, 6)
    },
  },
]

const handovers: Fault[] = [
  {
    name: 'handover',
    run: async ({ hub, random, network }) => {
      network.delay(random.below(150))
      await hub.ask({ command: 'handover' }, commandMs).catch(() => undefined)
    },
  },
  {
    name: 'handover-kill-hub',
    run: async (ground) => {
      const { hub } = ground
      await hub.arm(orderAt(ground, [...sealPoints, ...stepDownPoints]))
      await hub.ask({ command: 'handover' }, commandMs).catch(() => undefined)
      await hub.ended(pointTimeoutMs)
      await seconds(ground, 0, 3)
    },
  },
  {
    name: 'handover-kill-standby',
    run: async (ground) => {
      const { hub, standby } = ground
      await standby.arm(orderAt(ground, takeOverPoints))
      const asked = hub.ask({ command: 'handover' }, commandMs).catch(() => undefined)
      await standby.ended(pointTimeoutMs)
      await seconds(ground, 0, 3)
      await standby.start()
      await asked
    },
  },
  {
    name: 'handover-cut',
    run: async (ground) => {
      const { hub, network } = ground
      await hub.arm({ point: pick(ground, sealPoints), after: 1, signal: 'SIGSTOP' })
      const asked = hub.ask({ command: 'handover' }, commandMs).catch(() => undefined)
      await seconds(ground, 0.5, 1)
      if (ground.random.chance(0.5)) network.cut()
      else network.drop()
      hub.continue()
      await seconds(ground, 0, 8)
      network.mend()
      await asked
    },
  },
  {
    name: 'quit-hub',
    run: async (ground) => {
      await ground.hub.kill('SIGTERM')
      await seconds(ground, 0, 2)
    },
  },
  {
    name: 'quit-standby',
    run: async (ground) => {
      await ground.standby.kill('SIGTERM')
      await seconds(ground, 0.5, 2)
      if (ground.random.chance(0.5)) await ground.hub.kill()
    },
  },
]

const points: Fault[] = [
  {
    name: 'hub-point',
    run: async (ground) => {
      const { hub, standby, vote } = ground
      const ofAlone = vote === 'hub' && ground.random.chance(0.4)
      await hub.arm(orderAt(ground, ofAlone ? alonePoints : hubPoints, ofAlone ? 1 : 40))
      if (ofAlone) await standby.kill()
      await hub.ended(pointTimeoutMs)
      // with the vote, the standby sometimes takes over before the hub is back
      await seconds(ground, 0, ground.vote === 'hub' ? 2 : 13)
    },
  },
  {
    name: 'standby-point',
    run: async (ground) => {
      const { standby } = ground
      await standby.arm(orderAt(ground, standbyPoints, 40))
      await standby.ended(pointTimeoutMs)
      await seconds(ground, 0, 2)
    },
  },
  {
    // it has the frame that the hub waits for, and the hub does not know it
    name: 'unanswered-frame',
    vote: 'standby',
    run: async (ground) => {
      const { standby } = ground
      await standby.arm({ point: 'after-journal', after: 1 + ground.random.below(20), signal: 'SIGKILL' })
      await standby.ended(pointTimeoutMs)
      await seconds(ground, 0, 2)
    },
  },
  {
    name: 'together-point',
    run: async (ground) => {
      const { hub, standby } = ground
      await standby.kill()
      await seconds(ground, 1, 2)
      await hub.arm(orderAt(ground, togetherPoints))
      await standby.start()
      await hub.ended(2_000)
    },
  },
  {
    name: 'copy-point',
    run: async (ground) => {
      const { hub, standby, random } = ground
      await loseData(ground)
      const started = await standby.start({ order: orderAt(ground, copyPoints) })
      // sometimes both die, or the one that sends
      if (started && random.chance(0.3)) await hub.kill()
      await standby.ended(pointTimeoutMs)
      await startMissing(ground)
    },
  },
  {
    // granted by the standby, and not committed when the standby takes over
    name: 'stopped-batch',
    vote: 'standby',
    run: async (ground) => {
      const { hub } = ground
      await hub.arm({ ...orderAt(ground, hubPoints, 30), signal: 'SIGSTOP' })
      await wait(takeOverMs)
      await takesOver(ground)
      await seconds(ground, 0, 2)
      hub.continue()
    },
  },
]

async function startMissing({ hub, standby }: Ground): Promise<void> {
  await Promise.all(
    [hub, standby].filter((computer) => !computer.isRunning).map((computer) => computer.start()),
  )
}

const pauses: Fault[] = [
  {
    name: 'stop-hub',
    run: async (ground) => {
      ground.hub.stop()
      await seconds(ground, 1, ground.random.chance(0.4) ? 20 : 6)
      ground.hub.continue()
      await seconds(ground, 0, 1)
    },
  },
  {
    name: 'stop-standby',
    run: async (ground) => {
      ground.standby.stop()
      await seconds(ground, 1, ground.random.chance(0.4) ? 20 : 6)
      ground.standby.continue()
      await seconds(ground, 0, 1)
    },
  },
]

const cables: Fault[] = [
  {
    name: 'cut',
    run: async (ground) => {
      ground.network.cut()
      await seconds(ground, 0.2, ground.random.chance(0.4) ? 15 : 4)
    },
  },
  {
    name: 'drop',
    run: async (ground) => {
      ground.network.drop()
      await seconds(ground, 0.2, ground.random.chance(0.4) ? 15 : 4)
    },
  },
  {
    name: 'half',
    run: async (ground) => {
      ground.network.dropFrom(pick(ground, [ground.hub, ground.standby]).port)
      await seconds(ground, 0.5, ground.random.chance(0.4) ? 15 : 8)
    },
  },
  {
    name: 'delay',
    run: async (ground) => {
      ground.network.delay(20 + ground.random.below(700))
      await seconds(ground, 1, 5)
    },
  },
  {
    name: 'doubled',
    run: async (ground) => {
      for (let times = 1 + ground.random.below(3); times > 0; times -= 1) {
        ground.network.strand()
        await seconds(ground, 0.1, 3)
      }
    },
  },
  {
    name: 'flapping',
    run: async (ground) => {
      for (let times = 3 + ground.random.below(8); times > 0; times -= 1) {
        ground.network.cut()
        await seconds(ground, 0, 0.8)
        ground.network.mend()
        await seconds(ground, 0, 0.8)
      }
    },
  },
]

const disks: Fault[] = [
  {
    name: 'full-hub',
    fillsDisk: true,
    mayEnd: true,
    run: async (ground) => {
      ground.hub.fillDisk()
      await seconds(ground, 1, 4)
      if (ground.random.chance(0.3)) await ground.standby.kill()
      if (ground.random.chance(0.3)) await ground.hub.kill()
      await seconds(ground, 0, 2)
      ground.hub.freeDisk()
    },
  },
  {
    name: 'full-standby',
    fillsDisk: true,
    mayEnd: true,
    run: async (ground) => {
      ground.standby.fillDisk()
      await seconds(ground, 1, 4)
      if (ground.random.chance(0.3)) await ground.hub.kill()
      await seconds(ground, 0, 2)
      ground.standby.freeDisk()
    },
  },
  {
    name: 'set-back-standby',
    run: async (ground) => {
      const { standby, hub } = ground
      await standby.kill(pick(ground, ['SIGKILL', 'SIGTERM']))
      await setBack(standby, async () => {
        await standby.start()
        await seconds(ground, 1, 4)
      })
      if (ground.random.chance(0.3)) await hub.kill()
      await startBoth(ground)
    },
  },
  {
    // a virtual machine that was set back to a snapshot: docs/continuity.md says what is lost, and where it is kept
    name: 'set-back-hub',
    loss: 'anything',
    run: async (ground) => {
      const { hub, standby, vote, random } = ground
      await hub.kill()
      await setBack(hub, async () => {
        await hub.start()
        await seconds(ground, 1, 4)
        await ground.stopWriting()
        // what no other disk has is gone with this one, and nothing can be said about it
        await until(commandMs, async () => (await standby.status())?.isInStep === true)
      })
      if (vote === 'standby' && random.chance(0.5)) await takesOver(ground)
      if (!existsSync(standby.dataDir)) return
      await hub.start()
    },
  },
]

export const faults: readonly Fault[] = [
  ...kills,
  ...handovers,
  ...points,
  ...pauses,
  ...cables,
  ...disks,
  ...thirdFaults,
]
