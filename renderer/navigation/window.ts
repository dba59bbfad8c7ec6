import type { HubbubDesktop } from '../../shared/desktop.ts'

declare global {
  interface Window {
    /** The API of the shell; undefined in a browser. */
    readonly hubbub?: HubbubDesktop
  }
}
