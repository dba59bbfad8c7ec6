import { handlers } from '../../server/handlers.ts'

export const requestFaults = ['throwing-rule', 'forgotten-check', 'undocumented-field'] as const
export type RequestFault = (typeof requestFaults)[number]

/** Changes a handler of this process, from outside. Returns what puts the real one back. */
export function putInFault(fault: RequestFault): () => void {
  const table = handlers as unknown as Record<string, { access: unknown; run: unknown }>
  const name = fault === 'forgotten-check' ? 'messages.list' : 'chats.list'
  const real = table[name]
  if (!real) throw new Error(`there is no handler ${name}`)
  const run = real.run as (...args: unknown[]) => Promise<object>
  const faulty = {
    'throwing-rule': { run: () => Promise.reject(new TypeError('a rule that does not expect this')) },
    'undocumented-field': {
      run: async (...args: unknown[]) => ({ ...(await run(...args)), passwordHash: 'x' }),
    },
    'forgotten-check': { access: () => Promise.resolve({}) },
  }[fault]
  table[name] = { ...real, ...faulty }
  return () => {
    table[name] = real
  }
}
