// The settings of this computer that only the shell can apply.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { AppWindow } from '../support/app-window.ts'
import { waitFor } from '../support/wait-for.ts'
import { type DesktopApp, launchApp, describeOnStandIn, itOnStandIn } from './driver.ts'
import { chooseInMenu, createTeam, joinHub } from './world.ts'

const on = (platform: string) => ({ env: { HUBBUB_STANDIN_PLATFORM: platform } })
const change = ({ page }: DesktopApp, changes: object) =>
  page.evaluate((to) => window.hubbub?.settings.set(to).catch((error: unknown) => error), changes)
const lastArg = async (app: DesktopApp, what: string) => (await app.calls(what)).at(-1)?.args[0]

describeOnStandIn('the spell checker', () => {
  it('follows its switch on Windows, in the languages of the system, and fetches no dictionary', async () => {
    const app = await launchApp(on('win32'))
    expect(await lastArg(app, 'session.setSpellCheckerEnabled')).toBe(false)
    await change(app, { spellCheck: true })
    expect(await lastArg(app, 'session.setSpellCheckerEnabled')).toBe(true)
    expect(await lastArg(app, 'session.setSpellCheckerLanguages')).toEqual(['en-GB', 'de'])
    expect(await lastArg(app, 'BrowserWindow')).toMatchObject({ webPreferences: { spellcheck: true } })
    // nothing of the app answers there, and no other address is ever asked
    expect(await app.calls('session.setSpellCheckerDictionaryDownloadURL')).toMatchObject([
      { args: ['app://hubbub/dictionaries/'] },
    ])
    expect(await app.page.evaluate(async () => (await fetch('/dictionaries/de-3-0.bdic')).status)).toBe(404)
    await chooseInMenu(app, 'File', 'Settings…')
    await app.page.getByRole('checkbox', { name: /Check spelling/ }).waitFor()
    expect(await app.quit()).toBe(0)
  })

  it('is off on Linux, where there is no dictionary, and the switch is not shown', async () => {
    const app = await launchApp()
    await change(app, { spellCheck: true })
    expect(await lastArg(app, 'session.setSpellCheckerEnabled')).toBe(false)
    expect(await lastArg(app, 'session.setSpellCheckerLanguages')).toEqual([])
    await chooseInMenu(app, 'File', 'Settings…')
    await app.page.getByRole('checkbox', { name: /Start with the computer/ }).waitFor()
    expect(await app.page.getByRole('checkbox', { name: /Check spelling/ }).count()).toBe(0)
    expect(await app.quit()).toBe(0)
  })
})

describeOnStandIn('starting with the computer', () => {
  it('tells the user that macOS waits for an approval', async () => {
    const { env } = on('darwin')
    const app = await launchApp({ env: { ...env, HUBBUB_STANDIN_LOGIN_ITEM: 'requires-approval' } })
    await chooseInMenu(app, 'appMenu', 'Settings…')
    await app.page.getByRole('checkbox', { name: /Start with the computer/ }).click()
    await app.page.getByRole('alert').getByText('macOS waits for your approval', { exact: false }).waitFor()
    expect(await app.quit()).toBe(0)
  })
})

it('shows what is stored if a change cannot be saved, and says so', async () => {
  const app = await launchApp()
  const file = path.join(app.userData, 'settings.json')
  await change(app, { sounds: true })
  rmSync(file)
  mkdirSync(file)
  await chooseInMenu(app, 'File', 'Settings…')
  const sound = app.page.getByRole('checkbox', { name: /Play a sound/ })
  await sound.click()
  await app.page.getByRole('alert').first().waitFor()
  await waitFor(async () => expect(await sound.isChecked()).toBe(true))
  expect(await app.quit()).toBe(0)
})

describeOnStandIn('saved logins', () => {
  it.for([
    ['gnome_libsecret', 'protected'],
    ['basic_text', 'unprotected'],
    ['locked', 'none'],
  ] as const)('with the key store %s are %s, whatever it is called', async ([keyStore, expected]) => {
    const app = await launchApp({ env: { HUBBUB_STANDIN_KEYSTORE: keyStore } })
    const info = await app.page.evaluate(() => window.hubbub?.app.info())
    expect(info?.secretProtection).toBe(expected)
    expect(await app.quit()).toBe(0)
  })

  it('survive a start with a locked key store', async () => {
    const { hub } = await createTeam('North', 'harbour')
    const first = await launchApp()
    await joinHub(first.page, hub)
    await AppWindow.fromPage(first.page).logIn('olga')
    await first.page.getByLabel('Search chats and people').waitFor()
    expect(await first.quit()).toBe(0)
    const { userData } = first

    const locked = await launchApp({ userData, env: { HUBBUB_STANDIN_KEYSTORE: 'locked' } })
    await locked.page.getByLabel('Username', { exact: true }).waitFor()
    // another hub is added meanwhile: the file is written
    const other = await startTestHub()
    await joinHub(locked.page, other)
    await change(locked, { keepUnprotected: true })
    expect(await locked.quit()).toBe(0)

    const unlocked = await launchApp({ userData })
    await unlocked.page.getByLabel('Search chats and people').waitFor()
    expect(await unlocked.quit()).toBe(0)
  })
})

itOnStandIn('a hub that runs out of memory is logged without its report, and starts again', async () => {
  const app = await launchApp({ env: { XDG_CURRENT_DESKTOP: 'KDE' } })
  const state = () => app.page.evaluate(async () => (await window.hubbub?.host.status())?.state)
  await app.page.evaluate(() => window.hubbub?.host.start({ lan: false }))
  await waitFor(async () => expect(await state()).toBe('running'))
  await app.evaluate(({ utilityProcess }) => utilityProcess.all.at(-1).failFatally())
  await waitFor(async () => expect(await app.calls('utilityProcess.fork')).toHaveLength(2))
  await waitFor(async () => expect(await state()).toBe('running'))
  const log = readFileSync(path.join(app.userData, 'logs', 'app.log'), 'utf8')
  expect(log).toContain('"the hub process failed","type":"FatalError"')
  expect(log).not.toContain('environmentVariables')
  expect(await app.quit()).toBe(0)
})
