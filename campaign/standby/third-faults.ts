import {
  type Fault,
  type Ground,
  isHub,
  orderAt,
  pick,
  seconds,
  setBack,
  takesOver,
  until,
  wait,
} from './ground.ts'
import type { Computer } from './computer.ts'
import { thirdKey } from './network.ts'
import { takeOverPoints, votePoints } from './orders.ts'

/*
 * What happens to a third computer that has the vote, and to the others while it has it. One that is gone changes nothing until
 * another one is gone too; then nobody may go on until two are there.
 */

const dayMs = 24 * 60 * 60_000
/** A hub asks for the vote after 750 ms. What was under way may be acknowledged until then. */
const askMs = 1_500
/** A standby asks for it after 10 s. */
const longerThanTakeOverMs = 13_000

function requireThird({ third }: Ground): Computer {
  if (!third) throw new Error('a round without its third computer')
  return third
}

/** The hub goes on, alone or not. */
async function goesOn({ acknowledged, problems }: Ground, when: string): Promise<void> {
  const before = acknowledged()
  if (!(await until(15_000, async () => acknowledged() > before)))
    problems.push(`the hub did not go on ${when}`)
}

/** Two of three are needed. */
async function nobodyGoesOn({ acknowledged, problems }: Ground, ms: number, when: string): Promise<void> {
  await wait(askMs)
  const before = acknowledged()
  await wait(ms)
  if (acknowledged() > before) problems.push(`something was acknowledged ${when}`)
}

const kills: Fault[] = [
  {
    name: 'third-kill',
    vote: 'third',
    run: async (ground) => {
      const third = requireThird(ground)
      await third.kill()
      await goesOn(ground, 'without the third computer')
      await seconds(ground, 0, 3)
      await third.start()
    },
  },
  {
    name: 'third-take-over',
    vote: 'third',
    run: async (ground) => {
      await ground.hub.kill()
      await takesOver(ground)
      if (ground.random.chance(0.5)) await requireThird(ground).kill()
    },
  },
  {
    name: 'third-alone',
    vote: 'third',
    run: async (ground) => {
      await ground.standby.kill()
      await goesOn(ground, 'alone with the vote')
      // what it was given lasts without the third computer
      if (!ground.random.chance(0.5)) return
      await requireThird(ground).kill()
      await goesOn(ground, 'alone after the third computer had gone')
    },
  },
  {
    name: 'third-and-hub',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, problems } = ground
      const third = requireThird(ground)
      await third.kill()
      await hub.kill()
      await wait(longerThanTakeOverMs)
      if (await isHub(standby)) problems.push('a standby took over without the vote of the third computer')
      // it believes its disk only after both have spoken
      await third.start()
      await seconds(ground, 0, 3)
      await hub.start()
    },
  },
  {
    name: 'third-and-standby',
    vote: 'third',
    run: async (ground) => {
      const { standby, random } = ground
      const third = requireThird(ground)
      await third.kill()
      await standby.kill()
      await nobodyGoesOn(ground, 3_000, 'by a hub without the vote of the third computer')
      const [first, second] = random.chance(0.5) ? [third, standby] : [standby, third]
      await first.start()
      await seconds(ground, 0, 3)
      await second.start()
    },
  },
  {
    name: 'third-all',
    vote: 'third',
    run: async (ground) => {
      const all = [ground.hub, ground.standby, requireThird(ground)]
      await Promise.all(all.map((computer) => computer.kill()))
      while (all.length > 0) {
        await all.splice(ground.random.below(all.length), 1)[0]?.start()
        await seconds(ground, 0, 2)
      }
    },
  },
  {
    // before or after its decision is on its disk
    name: 'third-point',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, random } = ground
      const third = requireThird(ground)
      await third.arm(orderAt(ground, votePoints))
      const isHubGone = random.chance(0.5)
      await (isHubGone ? hub : standby).kill()
      await third.ended(20_000)
      await seconds(ground, 0, 2)
      await third.start()
      await seconds(ground, 0, 4)
    },
  },
  {
    // it has the vote, and dies before it is the hub
    name: 'third-candidate',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby } = ground
      await standby.arm(orderAt(ground, takeOverPoints))
      await hub.kill()
      await standby.ended(25_000)
      await seconds(ground, 0, 2)
      await Promise.all([hub.start(), standby.start()])
    },
  },
]

const clocks: Fault[] = [
  {
    name: 'third-clock',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, random } = ground
      const third = requireThird(ground)
      await third.setClock(pick(ground, [-400, -10, -1, 1, 10, 400]) * random.next() * dayMs)
      await seconds(ground, 0, 1)
      if (random.chance(0.5)) {
        await hub.kill()
        await takesOver(ground)
      } else {
        await standby.kill()
        await goesOn(ground, 'alone while the clock of the third computer was wrong')
      }
      await third.setClock(pick(ground, [-400, 400]) * random.next() * dayMs)
      await seconds(ground, 0, 1)
    },
  },
  {
    name: 'third-stop',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, random } = ground
      const third = requireThird(ground)
      third.stop()
      await seconds(ground, 1, 8)
      if (random.chance(0.6)) await pick(ground, [hub, standby]).kill()
      await seconds(ground, 0, 12)
      third.continue()
      await seconds(ground, 0, 2)
    },
  },
  {
    name: 'third-set-back',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, random } = ground
      const third = requireThird(ground)
      await third.kill()
      await setBack(third, async () => {
        await third.start()
        await seconds(ground, 0.5, 2)
        await pick(ground, [hub, standby]).kill()
        await seconds(ground, 1, 14)
      })
      if (random.chance(0.5)) await third.start()
      await seconds(ground, 0, 3)
    },
  },
]

const cables: Fault[] = [
  {
    // the side that asks first goes on
    name: 'third-cut-pair',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, network, random } = ground
      network.cutBetween(hub.port, standby.port, random.chance(0.5))
      await seconds(ground, 1, random.chance(0.4) ? 20 : 6)
      if (random.chance(0.3)) await goesOn(ground, 'with a third computer on its side')
    },
  },
  {
    name: 'third-cut-hub',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, network, random } = ground
      const isSilent = random.chance(0.5)
      network.cutBetween(hub.port, standby.port, isSilent)
      network.cutBetween(thirdKey, hub.port, isSilent)
      await takesOver(ground)
      await seconds(ground, 0, 3)
    },
  },
  {
    name: 'third-cut-standby',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, network, random } = ground
      const isSilent = random.chance(0.5)
      network.cutBetween(hub.port, standby.port, isSilent)
      network.cutBetween(thirdKey, standby.port, isSilent)
      await wait(askMs)
      await goesOn(ground, 'alone on the side of the third computer')
      await seconds(ground, 0, 12)
    },
  },
  {
    name: 'third-cut-third',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, network, random } = ground
      const isSilent = random.chance(0.5)
      network.cutBetween(thirdKey, hub.port, isSilent)
      network.cutBetween(thirdKey, standby.port, isSilent)
      await goesOn(ground, 'without the third computer')
      await seconds(ground, 0, 5)
    },
  },
  {
    // each pair in turn, faster than anybody notices
    name: 'third-flapping',
    vote: 'third',
    run: async (ground) => {
      const { hub, standby, network, random } = ground
      for (let times = 4 + random.below(8); times > 0; times -= 1) {
        const [one, other] = pick(ground, [
          [hub.port, standby.port],
          [thirdKey, hub.port],
          [thirdKey, standby.port],
        ] as const)
        network.cutBetween(one, other, random.chance(0.3))
        await seconds(ground, 0, 3)
        network.mend()
        await seconds(ground, 0, 1)
      }
    },
  },
]

export const thirdFaults: readonly Fault[] = [...kills, ...clocks, ...cables]
