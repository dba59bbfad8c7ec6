import type { Target } from './target.ts'
import { openArchivesTarget } from './targets/archives.ts'
import { openBusTarget } from './targets/bus.ts'
import { openContractTarget } from './targets/contract.ts'
import { openDiscoveryTarget } from './targets/discovery.ts'
import { openFramesTarget } from './targets/frames.ts'
import { openHttpTarget } from './targets/http.ts'
import { openJournalTarget } from './targets/journal.ts'
import { openLinksTarget } from './targets/links.ts'
import { openMarkdownTarget } from './targets/markdown.ts'
import { openNamesTarget } from './targets/names.ts'
import { openPageTarget } from './targets/page.ts'
import { openPasteTarget } from './targets/paste.ts'
import { openPicturesTarget } from './targets/pictures.ts'
import { openRenderTarget } from './targets/render.ts'
import { openSearchTarget } from './targets/search.ts'
import { openSocketsTarget } from './targets/sockets.ts'
import { openStatesTarget } from './targets/states.ts'
import { openStoresTarget } from './targets/stores.ts'
import { openUploadsTarget } from './targets/uploads.ts'

/** Opens a target of this name. Its files are in `dir`. */
const targets = {
  archives: openArchivesTarget,
  bus: openBusTarget,
  contract: openContractTarget,
  discovery: openDiscoveryTarget,
  frames: openFramesTarget,
  http: openHttpTarget,
  journal: openJournalTarget,
  links: openLinksTarget,
  markdown: openMarkdownTarget,
  names: openNamesTarget,
  page: openPageTarget,
  paste: openPasteTarget,
  pictures: openPicturesTarget,
  render: openRenderTarget,
  search: openSearchTarget,
  sockets: openSocketsTarget,
  states: openStatesTarget,
  stores: openStoresTarget,
  uploads: openUploadsTarget,
}

export type TargetName = keyof typeof targets
export const targetNames = Object.keys(targets) as TargetName[]

export function openTarget(name: TargetName, dir: string): Promise<Target> | Target {
  return targets[name](dir) as unknown as Promise<Target> | Target
}

/** The fault that each target is shown to find. */
export const targetFaults: Readonly<Record<string, TargetName>> = {
  'unlisted-member': 'archives',
  'trusted-turn': 'bus',
  'forgotten-member': 'contract',
  'raw-name': 'discovery',
  'unlimited-frame': 'frames',
  'range-past-end': 'http',
  'skipped-frame': 'journal',
  'any-scheme': 'links',
  'lost-text': 'markdown',
  'path-in-name': 'names',
  'nameless-message': 'page',
  'kept-script': 'paste',
  'empty-picture': 'pictures',
  'script-link': 'render',
  'lost-term': 'search',
  'unguarded-read': 'sockets',
  'believed-settings': 'states',
  'unsent-outbox': 'stores',
  'altered-content': 'uploads',
}
