/** `activate`: take over from the version before, now. */
export type ToWorker = 'activate'

/** What the names of the worker's caches begin with. */
export const pageCachePrefix = 'hubbub-page-'
