import type { JsonFile } from '../json-file.ts'

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export interface WindowState {
  bounds: Bounds | undefined
  isMaximized: boolean
}

export const minimumSize = { width: 400, height: 480 }
export const defaultSize = { width: 1280, height: 800 }

/** Reads the last position of the window, unless no screen shows it any more. */
export function readWindowState(file: JsonFile, screens: readonly Bounds[]): WindowState {
  const { bounds, isMaximized } = (file.read() ?? {}) as Partial<Record<keyof WindowState, unknown>>
  return {
    bounds:
      isBounds(bounds) && screens.some((screen) => isTitleBarVisible(screen, bounds)) ? bounds : undefined,
    isMaximized: isMaximized === true,
  }
}

function isBounds(value: unknown): value is Bounds {
  const { x, y, width, height } = (value ?? {}) as Partial<Bounds>
  return (
    [x, y, width, height].every(Number.isInteger) &&
    (width as number) >= minimumSize.width &&
    (height as number) >= minimumSize.height
  )
}

/** Enough of the title bar to drag the window. */
function isTitleBarVisible(screen: Bounds, window: Bounds): boolean {
  const visibleWidth =
    Math.min(screen.x + screen.width, window.x + window.width) - Math.max(screen.x, window.x)
  return visibleWidth >= 120 && window.y >= screen.y - 8 && window.y < screen.y + screen.height - 40
}
