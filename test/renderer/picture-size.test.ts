import { expect, test } from 'vitest'
import { pictureSize } from '../../renderer/files/file-display.ts'

test.each([
  // width, height, shown width, shown height, cropped
  [1080, 12_000, 120, 320, true],
  [12_000, 1080, 420, 120, true],
  [30_000, 60, 420, 60, true],
  [60, 30_000, 60, 320, true],
  [100, 5000, 100, 320, true],
  [4000, 3000, 420, 315, false],
  [3000, 4000, 240, 320, false],
  [1080, 2400, 144, 320, false],
  [16, 16, 16, 16, false],
  [1, 300, 1, 300, false],
  [300, 1, 300, 1, false],
])('a picture of %i × %i is shown as %i × %i', (width, height, shownWidth, shownHeight, isCropped) => {
  expect(pictureSize({ width, height })).toEqual({ width: shownWidth, height: shownHeight, isCropped })
})
