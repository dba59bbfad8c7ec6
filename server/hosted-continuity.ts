import { writeFileSync } from 'node:fs'
import type { ContinuityReport, FromHubProcess } from '../shared/hub-process-messages.ts'
import { HubError } from '../shared/errors.ts'
import { isOnOneComputer } from '../shared/contract/continuity.ts'
import type { HubContext } from './context.ts'
import { closeForSleep } from './live/farewell.ts'
import type { HubStanding } from './live/standing.ts'

const roles = { moved: 'standby', moving: 'sealed' } as const

/** Tells the desktop app which standby could be the hub, and hands the hub over when the app says so. */
export function hostContinuity(
  { live, log, standing }: Pick<HubContext, 'live' | 'log' | 'standing'>,
  tell: (message: FromHubProcess) => void,
) {
  // a hub without standbys says nothing
  let lastSent = JSON.stringify(reportOf(standing))
  if (standing.safety() !== 'none') tell({ t: 'continuity', ...reportOf(standing) })
  const stop = standing.onChange(() => {
    const report = reportOf(standing)
    if (JSON.stringify(report) === lastSent) return
    lastSent = JSON.stringify(report)
    tell({ t: 'continuity', ...report })
  })
  return {
    stop,
    handOver: (id: number, to: string | undefined): void => {
      standing.handOver({ to }).then(
        (name) => tell({ t: 'moved', id, to: name }),
        (error: unknown) => {
          if (!(error instanceof HubError)) log.error({ err: error }, 'the hub could not be handed over')
          tell({ t: 'not-moved', id, sentence: sentenceOf(error) })
        },
      )
    },
    prepareSleep: (doneFile: string | undefined): void => {
      const sayDone = (): void => {
        if (doneFile !== undefined) writeFileSync(doneFile, '')
      }
      const sleepHere = (): void => {
        if (!standing.moved()) closeForSleep(live)
        sayDone()
      }
      if (!standing.handOverTo()) return sleepHere()
      standing.handOver({ onSealed: sayDone }).catch((error: unknown) => {
        log.warn({ err: error }, 'the hub could not be handed over before sleep')
        sleepHere()
      })
    },
  }
}

function reportOf(standing: HubStanding): ContinuityReport {
  const moved = standing.moved()
  const handOverTo = standing.handOverTo()
  return {
    role: moved ? roles[moved.code] : 'hub',
    alone: isOnOneComputer(standing.safety()),
    ...(handOverTo === undefined ? {} : { handOverTo: { node: handOverTo.node, name: handOverTo.name } }),
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof HubError
    ? error.message
    : 'The hub could not be handed over. Try again in a moment.'
}
