/** Runs something that makes a mess, and clears it away however it ends: done, failed, or the process told to exit. */
export async function withCleanup<T>(clean: () => void, run: () => Promise<T>): Promise<T> {
  process.once('exit', clean)
  try {
    return await run()
  } finally {
    process.off('exit', clean)
    clean()
  }
}
