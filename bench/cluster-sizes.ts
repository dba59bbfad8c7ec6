/** Figures of one machine, carried over to larger teams: see docs/sizing.md. Arithmetic, not measured. */
export function needs({
  messageMs,
  deliveryMs,
  busMs,
}: {
  messageMs: number
  deliveryMs: number
  busMs: number
}): string[] {
  const busyHour = 0.15
  const worstMinute = 3
  const messagesPerPerson = 100
  const readers = 25
  const entriesPerMessage = 2.4
  const socketsPerProcess = 5_000
  const rows = [5_000, 20_000, 100_000].map((people) => {
    const messages = (people * messagesPerPerson * busyHour * worstMinute) / 3_600
    const entries = messages * entriesPerMessage
    const deliveries = entries * readers
    const processes = Math.max(2, Math.ceil(people / socketsPerProcess) + 1)
    const writing = (messages * messageMs) / 1_000
    const delivering = (deliveries * deliveryMs) / 1_000
    const hearing = (entries * processes * busMs) / 1_000
    const cells = [people, messages.toFixed(0), deliveries.toFixed(0), processes]
    return `| ${[...cells, writing.toFixed(1), delivering.toFixed(1), hearing.toFixed(1)].join(' | ')} |`
  })
  return [
    'By arithmetic, with these costs (one entry of each message is its write, the others cost their delivery only):',
    '',
    '| people | messages/s at peak | deliveries/s | processes | cores for writes, with the database | cores for deliveries | cores for the bus, all processes |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ]
}
