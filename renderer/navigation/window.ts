import type { HubbubDesktop } from '../../shared/desktop.ts'

declare global {
  interface Window {
    /** The shell's bridge; absent in a browser. */
    readonly hubbub?: HubbubDesktop
  }
}
