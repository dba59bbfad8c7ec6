// The lines that only the administration shows: the first screen does not wait for them.
import { adminText } from '../text/en/admin.ts'
import { backupsText } from '../text/en/backups.ts'
import { standbysText } from '../text/en/standbys.ts'
import { addText } from '../text/t.ts'

addText({ ...adminText, ...backupsText, ...standbysText })
