/** Position and scale of a picture in the stage: its corner, and the drawn size. */
export interface PictureView {
  x: number
  y: number
  scale: number
}

interface Size {
  width: number
  height: number
}

const maxScale = 8

/** Fits the whole picture into the middle of the stage; a small picture keeps its own size. */
export function fittedView(picture: Size, stage: Size): PictureView {
  const scale = Math.min(1, stage.width / picture.width, stage.height / picture.height)
  return {
    scale,
    x: (stage.width - picture.width * scale) / 2,
    y: (stage.height - picture.height * scale) / 2,
  }
}

/** Zooms so that the spot under `point` stays in place. */
export function zoomAt(
  view: PictureView,
  factor: number,
  point: { x: number; y: number },
  picture: Size,
  stage: Size,
): PictureView {
  const least = fittedView(picture, stage).scale
  const scale = Math.min(Math.max(maxScale, least), Math.max(least, view.scale * factor))
  const grown = scale / view.scale
  return clampView(
    { scale, x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown },
    picture,
    stage,
  )
}

/** A picture larger than the stage leaves no gap at an edge. A smaller picture stays in the middle. */
export function clampView(view: PictureView, picture: Size, stage: Size): PictureView {
  return {
    scale: view.scale,
    x: clampAxis(view.x, picture.width * view.scale, stage.width),
    y: clampAxis(view.y, picture.height * view.scale, stage.height),
  }
}

function clampAxis(at: number, length: number, stageLength: number): number {
  if (length <= stageLength) return (stageLength - length) / 2
  return Math.min(0, Math.max(stageLength - length, at))
}
