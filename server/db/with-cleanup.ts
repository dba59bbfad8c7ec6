/** Runs something that leaves temporary files, and removes them however it ends: done, failed, or by a signal to exit. */
export async function withCleanup<T>(clean: () => void, run: () => Promise<T>): Promise<T> {
  process.once('exit', clean)
  try {
    return await run()
  } finally {
    process.off('exit', clean)
    clean()
  }
}
