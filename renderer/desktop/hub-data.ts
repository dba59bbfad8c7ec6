import { hubBasePath } from '../../shared/desktop.ts'

/** Deletes what the page has cached of a hub, for every user who was logged in there. */
export async function clearHubData(id: string): Promise<void> {
  localStorage.removeItem(`hubbub${hubBasePath(id)}`)
  for (const { name = '' } of await indexedDB.databases()) {
    if (name.startsWith(`hubbub-${id}-`)) indexedDB.deleteDatabase(name)
  }
}
