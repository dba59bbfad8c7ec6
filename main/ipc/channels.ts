/** The three channels between preload and main. Main listens to no other. */
export const ipcChannels = { call: 'hubbub:call', live: 'hubbub:live', event: 'hubbub:event' } as const

/** Main tells the region of the system by an argument of the window: the page needs it before its first request. */
export const regionArgument = '--hubbub-region='
