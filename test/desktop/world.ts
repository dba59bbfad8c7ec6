// The start of every app spec: hubs with users, joined and logged in.
import type { Page } from 'playwright-core'
import type { HubInfo } from '../../shared/desktop.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'
import type { DesktopApp } from './driver.ts'

export const addressOf = (hub: TestHub): string => new URL(hub.url).host
export const portOf = (hub: TestHub): number => Number(new URL(hub.url).port)

/** Joins as a user who compares the fingerprint: first the probe, then the pin. */
export async function joinHub(page: Page, hub: TestHub): Promise<HubInfo> {
  const info = await page.evaluate(async (address) => {
    const probe = await window.hubbub?.hubs.look(address)
    return window.hubbub?.hubs.add(address, String(probe?.fingerprint))
  }, addressOf(hub))
  return info as HubInfo
}

export async function listHubs(page: Page): Promise<HubInfo[]> {
  return (await page.evaluate(() => window.hubbub?.hubs.list())) ?? []
}

export async function hubStateOf(page: Page, hub: TestHub): Promise<string | undefined> {
  return (await listHubs(page)).find(({ id }) => id === hub.hub.hubId)?.state
}

export const railButton = (page: Page, name: RegExp) => page.locator('hb-rail').getByRole('button', { name })

export interface Team {
  hub: TestHub
  owner: TestUser
  ann: TestUser
}

export async function createTeam(hubName: string, chat: string): Promise<Team> {
  const hub = await startTestHub()
  const owner = await hub.setUp()
  await owner.request('admin.settings.update', { hubName })
  const ann = await hub.registerUser('ann')
  await owner.createGroup(chat, [ann])
  return { hub, owner, ann }
}

/** Presses an item of the application's menu, which is not visible here. `path`: its labels from the menu bar down. */
export async function chooseInMenu(app: DesktopApp, ...path: string[]): Promise<void> {
  await app.evaluate(({ Menu, BrowserWindow }, labels) => {
    interface Item {
      label: string
      role?: string
      enabled: boolean
      submenu?: { items: Item[] }
      click?: (item: Item, window: unknown, event: unknown) => void
    }
    let items = (Menu.getApplicationMenu() as { items: Item[] }).items
    let found: Item | undefined
    for (const label of labels) {
      found = items.find((item) => item.label === label || item.role === label)
      items = found?.submenu?.items ?? []
    }
    if (!found?.enabled || !found.click) throw new Error(`no such menu item: ${labels.join(' > ')}`)
    found.click(found, BrowserWindow.getAllWindows()[0], {})
  }, path)
}
