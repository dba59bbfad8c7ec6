import './app/hb-app.ts'
import { Router } from './app/router.ts'
import { Hub } from './state/hub.ts'
import { followAppearance } from './styles/appearance.ts'

followAppearance()

const app = document.createElement('hb-app')
app.hub = new Hub({ base: '' })
app.router = new Router()
document.body.append(app)
void app.hub.start()
