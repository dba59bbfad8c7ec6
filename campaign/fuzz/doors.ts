import type { Door } from './door.ts'
import { openArchivesDoor } from './doors/archives.ts'
import { openContractDoor } from './doors/contract.ts'
import { openFramesDoor } from './doors/frames.ts'
import { openHttpDoor } from './doors/http.ts'
import { openLinksDoor } from './doors/links.ts'
import { openMarkdownDoor } from './doors/markdown.ts'
import { openNamesDoor } from './doors/names.ts'
import { openPageDoor } from './doors/page.ts'
import { openPasteDoor } from './doors/paste.ts'
import { openPicturesDoor } from './doors/pictures.ts'
import { openRenderDoor } from './doors/render.ts'
import { openSearchDoor } from './doors/search.ts'
import { openSocketsDoor } from './doors/sockets.ts'

/** Opens a door of this name. Its files are in `dir`. */
const doors = {
  archives: openArchivesDoor,
  contract: openContractDoor,
  frames: openFramesDoor,
  http: openHttpDoor,
  links: openLinksDoor,
  markdown: openMarkdownDoor,
  names: openNamesDoor,
  page: openPageDoor,
  paste: openPasteDoor,
  pictures: openPicturesDoor,
  render: openRenderDoor,
  search: openSearchDoor,
  sockets: openSocketsDoor,
}

export type DoorName = keyof typeof doors
export const doorNames = Object.keys(doors) as DoorName[]

export function openDoor(name: DoorName, dir: string): Promise<Door> | Door {
  return doors[name](dir) as unknown as Promise<Door> | Door
}

/** The fault that each door is shown to find. */
export const doorFaults: Readonly<Record<string, DoorName>> = {
  'unlisted-member': 'archives',
  'forgotten-member': 'contract',
  'unlimited-frame': 'frames',
  'range-past-end': 'http',
  'any-scheme': 'links',
  'lost-text': 'markdown',
  'path-in-name': 'names',
  'nameless-message': 'page',
  'kept-script': 'paste',
  'empty-picture': 'pictures',
  'script-link': 'render',
  'lost-term': 'search',
  'unguarded-read': 'sockets',
}
