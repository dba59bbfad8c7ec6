import { newId } from '../../ids.ts'
import type { Store } from '../store.ts'
import { openPostgres } from './open.ts'

const throwError = (error: unknown): never => {
  throw error
}

/** Runs work of a command on a database whose hub does not run. @throws StartError if it runs, or cannot be reached */
export async function withStore<T>(
  url: string,
  clock: () => number,
  run: (store: Store) => Promise<T>,
): Promise<T> {
  const opened = await openPostgres({ url, processName: newId(), onFatal: throwError })
  try {
    const store = opened.createStore({
      ...{ clock, applyFacts: () => undefined, onBatch: () => undefined, onFatal: throwError },
    })
    try {
      return await run(store)
    } finally {
      await store.close()
    }
  } finally {
    await opened.close()
  }
}
