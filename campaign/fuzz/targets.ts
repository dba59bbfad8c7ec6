import type { Target } from './target.ts'
import { openArchivesTarget } from './targets/archives.ts'
import { openContractTarget } from './targets/contract.ts'
import { openFramesTarget } from './targets/frames.ts'
import { openHttpTarget } from './targets/http.ts'
import { openLinksTarget } from './targets/links.ts'
import { openMarkdownTarget } from './targets/markdown.ts'
import { openNamesTarget } from './targets/names.ts'
import { openPageTarget } from './targets/page.ts'
import { openPasteTarget } from './targets/paste.ts'
import { openPicturesTarget } from './targets/pictures.ts'
import { openRenderTarget } from './targets/render.ts'
import { openSearchTarget } from './targets/search.ts'
import { openSocketsTarget } from './targets/sockets.ts'

/** Opens a target of this name. Its files are in `dir`. */
const targets = {
  archives: openArchivesTarget,
  contract: openContractTarget,
  frames: openFramesTarget,
  http: openHttpTarget,
  links: openLinksTarget,
  markdown: openMarkdownTarget,
  names: openNamesTarget,
  page: openPageTarget,
  paste: openPasteTarget,
  pictures: openPicturesTarget,
  render: openRenderTarget,
  search: openSearchTarget,
  sockets: openSocketsTarget,
}

export type TargetName = keyof typeof targets
export const targetNames = Object.keys(targets) as TargetName[]

export function openTarget(name: TargetName, dir: string): Promise<Target> | Target {
  return targets[name](dir) as unknown as Promise<Target> | Target
}

/** The fault that each target is shown to find. */
export const targetFaults: Readonly<Record<string, TargetName>> = {
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
