/** Where a picture stands in its stage: the place of its corner, and how large it is drawn. */
export interface View {
  x: number
  y: number
  scale: number
}

interface Size {
  width: number
  height: number
}

const largest = 8

/** All of it in view and in the middle; a small one in its own size. */
export function fitted(picture: Size, room: Size): View {
  const scale = Math.min(1, room.width / picture.width, room.height / picture.height)
  return { scale, x: (room.width - picture.width * scale) / 2, y: (room.height - picture.height * scale) / 2 }
}

/** What is under `point` stays there. */
export function zoomedAt(
  view: View,
  by: number,
  point: { x: number; y: number },
  picture: Size,
  room: Size,
): View {
  const least = fitted(picture, room).scale
  const scale = Math.min(Math.max(largest, least), Math.max(least, view.scale * by))
  const grown = scale / view.scale
  return clampView(
    { scale, x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown },
    picture,
    room,
  )
}

/** It leaves no gap at an edge where it is larger than the room, and stays in the middle where it is smaller. */
export function clampView(view: View, picture: Size, room: Size): View {
  return {
    scale: view.scale,
    x: clampAlong(view.x, picture.width * view.scale, room.width),
    y: clampAlong(view.y, picture.height * view.scale, room.height),
  }
}

function clampAlong(at: number, length: number, room: number): number {
  if (length <= room) return (room - length) / 2
  return Math.min(0, Math.max(room - length, at))
}
