/** The three lines between preload and main. Nothing else is listened to. */
export const ipcChannels = { call: 'hubbub:call', live: 'hubbub:live', event: 'hubbub:event' } as const
