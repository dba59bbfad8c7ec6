import { expect, test } from 'vitest'
import type { FromHubProcess, ToHubProcess } from '../../shared/hub-process-messages.ts'
import { portCandidates } from '../../main/host/port-candidates.ts'
import { Supervisor, type SupervisorState } from '../../main/host/supervisor.ts'

const startOptions = {
  dataDir: '/data',
  port: 7788,
  lan: false,
  interfaces: [],
  browsers: true,
  logFile: '/log',
}
const listeningMessage = { port: 7788, hubId: 'x', name: 'Yard', addresses: [], setupCode: '' }

/** Processes that the test controls, and a clock that it moves. */
function createSupervisor() {
  const processes: {
    sent: ToHubProcess[]
    emit: (m: FromHubProcess) => void
    exit: (code: number) => void
  }[] = []
  const timers = new Set<{ at: number; run: () => void }>()
  const states: SupervisorState[] = []
  const hangs: boolean[] = []
  let now = 0
  const supervisor: Supervisor = new Supervisor({
    spawner: {
      spawn: ({ message, exit }) => {
        const sent: ToHubProcess[] = []
        processes.push({ sent, emit: message, exit })
        return { send: (m) => sent.push(m), kill: () => exit(137) }
      },
    },
    clock: {
      now: () => now,
      setTimeout: (run, ms) => {
        const timer = { at: now + ms, run }
        timers.add(timer)
        return timer
      },
      clearTimeout: (timer) => void timers.delete(timer as { at: number; run: () => void }),
    },
    onState: (state) => states.push(state),
    onMessage: () => {},
    onHang: () => hangs.push(supervisor.isHanging),
  })
  const advance = (ms: number) => {
    now += ms
    for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.run()
  }
  const lastProcess = () => {
    const process = processes.at(-1)
    if (!process) throw new Error('nothing was started')
    return process
  }
  return { supervisor, processes, states, hangs, pass: advance, last: lastProcess, now: () => now }
}

test('restarts a hub that exits unexpectedly after 1, 2, 5, 15 and 60 seconds, then stays down', () => {
  const { supervisor, processes, pass: advance, last: lastProcess, now } = createSupervisor()
  supervisor.start(startOptions)
  for (const [index, wait] of [1, 2, 5, 15, 60].entries()) {
    lastProcess().emit({ t: 'listening', ...listeningMessage })
    lastProcess().exit(1)
    expect(supervisor.state).toMatchObject({ state: 'waiting', nextStartAt: now() + wait * 1000 })
    advance(wait * 1000 - 1)
    expect(processes).toHaveLength(index + 1)
    advance(1)
    expect(processes).toHaveLength(index + 2)
  }
  lastProcess().exit(1)
  expect(supervisor.state).toMatchObject({ state: 'down', problem: { code: 'fault' } })
  advance(3_600_000)
  expect(processes).toHaveLength(6)
  // a start by the user resets the back-off
  supervisor.start(startOptions)
  lastProcess().exit(1)
  expect(supervisor.state.state).toBe('waiting')
})

test('forgets crashes of long ago', () => {
  const { supervisor, pass: advance, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  for (let i = 0; i < 12; i += 1) {
    lastProcess().emit({ t: 'listening', ...listeningMessage })
    lastProcess().exit(1)
    advance(1_000)
    lastProcess().emit({ t: 'listening', ...listeningMessage })
    advance(10 * 60_000)
  }
  expect(supervisor.state.state).toBe('running')
})

test('tries the next port at once if one is taken', () => {
  const { supervisor, processes, states, last: lastProcess } = createSupervisor()
  supervisor.start({ ...startOptions, port: 9000 })
  const ports = () => processes.map(({ sent }) => (sent[0] as { port: number }).port)
  for (const _ of [0, 1]) {
    lastProcess().emit({ t: 'problem', code: 'port-in-use', sentence: 'taken' })
    lastProcess().exit(1)
  }
  expect(ports()).toEqual([9000, 7788, 0])
  lastProcess().emit({ t: 'listening', ...listeningMessage, port: 50_123 })
  expect(supervisor.state).toMatchObject({ state: 'running', listening: { port: 50_123 } })
  expect(states.some(({ state }) => state === 'waiting')).toBe(false)
})

test('waits for the process of an app that was killed to leave the folder, and not for another hub', async () => {
  const { supervisor, processes, pass: advance, last: lastProcess } = createSupervisor()
  const findLocked = () => {
    lastProcess().emit({ t: 'problem', code: 'locked', sentence: 'Another hub is running.' })
    lastProcess().exit(1)
  }
  supervisor.start(startOptions)
  findLocked()
  expect(supervisor.state).toEqual({ state: 'starting' })
  advance(2_000)
  expect(processes).toHaveLength(2)
  expect(lastProcess().sent[0]).toMatchObject({ t: 'start', port: 7788 })
  findLocked()
  // a stop meanwhile ends the wait
  await supervisor.stop()
  advance(10_000)
  expect([supervisor.state.state, processes.length]).toEqual(['stopped', 2])

  supervisor.start(startOptions)
  for (let i = 0; i < 5; i += 1) {
    expect(supervisor.state.state).toBe('starting')
    findLocked()
    advance(2_000)
  }
  expect(supervisor.state).toMatchObject({ state: 'down', problem: { code: 'locked' } })
})

test('reports a hub that hangs, and ends and restarts it only after two minutes', () => {
  const { supervisor, processes, hangs, pass: advance, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  lastProcess().emit({ t: 'listening', ...listeningMessage })
  const respond = () => lastProcess().emit({ t: 'pong' })
  for (let i = 0; i < 30; i += 1) {
    respond()
    advance(10_000)
  }
  expect(hangs).toEqual([])
  // the computer slept for a night: late timers are no sign of a hub that hangs
  advance(12 * 3_600_000)
  expect(hangs).toEqual([])
  respond()
  for (let i = 0; i < 3; i += 1) advance(10_000)
  expect(hangs).toEqual([true])
  respond()
  expect(hangs).toEqual([true, false])
  for (let i = 0; i < 11; i += 1) advance(10_000)
  expect(processes).toHaveLength(1)
  for (let i = 0; i < 2; i += 1) advance(10_000)
  expect(supervisor.state).toMatchObject({ state: 'waiting', problem: { code: 'fault' } })
  expect(supervisor.isHanging).toBe(false)
  advance(1_000)
  expect(processes).toHaveLength(2)
})

test('does not retry a problem that the user has to solve', () => {
  const { supervisor, processes, pass: advance, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  lastProcess().emit({ t: 'problem', code: 'cannot-start', sentence: 'Another hub is running there.' })
  lastProcess().exit(1)
  advance(3_600_000)
  expect(processes).toHaveLength(1)
  expect(supervisor.state).toEqual({
    state: 'down',
    problem: { code: 'cannot-start', sentence: 'Another hub is running there.' },
  })
})

test('resolves a stop when the process has exited, and kills one that hangs', async () => {
  const { supervisor, states, pass: advance, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  lastProcess().emit({ t: 'listening', ...listeningMessage })
  const stopped = supervisor.stop()
  expect(lastProcess().sent.at(-1)).toEqual({ t: 'stop', graceMs: 5_000, isRestart: false })
  expect(supervisor.state.state).toBe('stopping')
  advance(6_000)
  await stopped
  expect(states.at(-1)).toEqual({ state: 'stopped' })
  advance(3_600_000)
  expect(supervisor.state.state).toBe('stopped')
})

test('starts only after a pending stop, and ignores messages of an old process', async () => {
  const { supervisor, processes, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  const oldProcess = lastProcess()
  oldProcess.emit({ t: 'listening', ...listeningMessage })
  const stopped = supervisor.stop()
  supervisor.start({ ...startOptions, port: 9000 })
  expect(processes).toHaveLength(1)
  oldProcess.exit(0)
  await stopped
  expect(processes).toHaveLength(2)
  oldProcess.emit({ t: 'listening', ...listeningMessage, port: 1 })
  expect(supervisor.state.state).toBe('starting')
})

test('cancels a pending restart when it is stopped', async () => {
  const { supervisor, processes, pass: advance, last: lastProcess } = createSupervisor()
  supervisor.start(startOptions)
  lastProcess().exit(1)
  await supervisor.stop()
  advance(3_600_000)
  expect(processes).toHaveLength(1)
  expect(supervisor.state.state).toBe('stopped')
})

test('tries each port once', () => {
  expect(portCandidates(7788)).toEqual([7788, 0])
  expect(portCandidates(4000)).toEqual([4000, 7788, 0])
})
