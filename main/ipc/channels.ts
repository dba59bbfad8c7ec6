/** The three channels between preload and main. Main listens to no other. */
export const ipcChannels = { call: 'hubbub:call', live: 'hubbub:live', event: 'hubbub:event' } as const
