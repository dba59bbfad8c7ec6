// Loaded into each process of the campaign before its program, and by Node into each of its threads: only the first has
// the points.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) await import('./points.ts')
