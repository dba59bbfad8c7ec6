/** Adds a figure that is read when it is asked for. */
export type AddGauge = (
  name: string,
  help: string,
  collect: (set: (value: number) => void) => void | Promise<void>,
) => void
/** The same for a total that a part of the hub counts itself. */
export type AddTotal = (name: string, help: string, read: () => number) => void
