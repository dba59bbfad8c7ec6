import type { Chromium } from './chromium.ts'

/** The state that the parts of the stand-in share. */
export const state: {
  isReady: boolean
  appDir: string
  args: string[]
  chromium: Promise<Chromium> | undefined
} = { isReady: false, appDir: '', args: [], chromium: undefined }
