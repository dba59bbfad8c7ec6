import './app/hb-app.ts'
import { takeMoveFragment } from './connection/move-link.ts'
import { Router } from './navigation/router.ts'
import type {} from './navigation/window.ts'
import { watchInstall } from './offline/install.ts'
import { Hub } from './state/hub.ts'
import { loadEmojiFontIfMissing } from './styles/emoji-font.ts'
import { watchAppearance } from './styles/appearance.ts'
import { watchVisibleArea } from './styles/visible-area.ts'
import './ui/hb-tip.ts'
import { preventComposedEnter } from './ui/keys.ts'

watchAppearance()
watchVisibleArea()
watchInstall()
preventComposedEnter(window)
document.body.append(document.createElement('hb-tip'))
void loadEmojiFontIfMissing()
if (window.hubbub) void bootDesktop(window.hubbub)
else bootBrowser()

/** In a browser: the hub that served this page. */
function bootBrowser(): void {
  const moved = takeMoveFragment()
  const app = document.createElement('hb-app')
  app.hub = new Hub({ base: '', moved })
  app.router = new Router()
  document.body.append(app)
  void app.hub.start()
}

/** In the app: the hubs that the shell knows. A browser does not load any of it. */
async function bootDesktop(shell: NonNullable<typeof window.hubbub>): Promise<void> {
  const [{ Desktop }] = await Promise.all([import('./desktop/desktop.ts'), import('./desktop/hb-desktop.ts')])
  const app = document.createElement('hb-desktop')
  app.desktop = new Desktop(shell)
  document.body.append(app)
  await app.desktop.start()
  shell.app.ready()
}
