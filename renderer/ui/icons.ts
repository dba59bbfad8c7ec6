// Shapes of Lucide (ISC), one file each: see the icons plugin in vite.config.ts. A new icon is two lines here.
import { icon as archiveRestore } from 'lucide-static/icons/archive-restore.svg?icon'
import { icon as archive } from 'lucide-static/icons/archive.svg?icon'
import { icon as arrowDown } from 'lucide-static/icons/arrow-down.svg?icon'
import { icon as arrowLeft } from 'lucide-static/icons/arrow-left.svg?icon'
import { icon as arrowRight } from 'lucide-static/icons/arrow-right.svg?icon'
import { icon as arrowUp } from 'lucide-static/icons/arrow-up.svg?icon'
import { icon as bell } from 'lucide-static/icons/bell.svg?icon'
import { icon as bellOff } from 'lucide-static/icons/bell-off.svg?icon'
import { icon as checkCheck } from 'lucide-static/icons/check-check.svg?icon'
import { icon as check } from 'lucide-static/icons/check.svg?icon'
import { icon as chevronDown } from 'lucide-static/icons/chevron-down.svg?icon'
import { icon as chevronLeft } from 'lucide-static/icons/chevron-left.svg?icon'
import { icon as chevronRight } from 'lucide-static/icons/chevron-right.svg?icon'
import { icon as alert } from 'lucide-static/icons/circle-alert.svg?icon'
import { icon as clock } from 'lucide-static/icons/clock.svg?icon'
import { icon as compass } from 'lucide-static/icons/compass.svg?icon'
import { icon as copy } from 'lucide-static/icons/copy.svg?icon'
import { icon as crown } from 'lucide-static/icons/crown.svg?icon'
import { icon as leave } from 'lucide-static/icons/door-open.svg?icon'
import { icon as download } from 'lucide-static/icons/download.svg?icon'
import { icon as more } from 'lucide-static/icons/ellipsis.svg?icon'
import { icon as eyeOff } from 'lucide-static/icons/eye-off.svg?icon'
import { icon as eye } from 'lucide-static/icons/eye.svg?icon'
import { icon as format } from 'lucide-static/icons/case-sensitive.svg?icon'
import { icon as file } from 'lucide-static/icons/file.svg?icon'
import { icon as fileText } from 'lucide-static/icons/file-text.svg?icon'
import { icon as fileArchive } from 'lucide-static/icons/file-archive.svg?icon'
import { icon as fileCode } from 'lucide-static/icons/file-code.svg?icon'
import { icon as fileSheet } from 'lucide-static/icons/file-spreadsheet.svg?icon'
import { icon as image } from 'lucide-static/icons/image.svg?icon'
import { icon as play } from 'lucide-static/icons/play.svg?icon'
import { icon as zoomIn } from 'lucide-static/icons/zoom-in.svg?icon'
import { icon as zoomOut } from 'lucide-static/icons/zoom-out.svg?icon'
import { icon as fit } from 'lucide-static/icons/maximize.svg?icon'
import { icon as forward } from 'lucide-static/icons/forward.svg?icon'
import { icon as globe } from 'lucide-static/icons/globe.svg?icon'
import { icon as hash } from 'lucide-static/icons/hash.svg?icon'
import { icon as info } from 'lucide-static/icons/info.svg?icon'
import { icon as key } from 'lucide-static/icons/key-round.svg?icon'
import { icon as keyboard } from 'lucide-static/icons/keyboard.svg?icon'
import { icon as link } from 'lucide-static/icons/link.svg?icon'
import { icon as readAll } from 'lucide-static/icons/list-checks.svg?icon'
import { icon as computer } from 'lucide-static/icons/laptop.svg?icon'
import { icon as lock } from 'lucide-static/icons/lock.svg?icon'
import { icon as enter } from 'lucide-static/icons/log-in.svg?icon'
import { icon as logOut } from 'lucide-static/icons/log-out.svg?icon'
import { icon as bookmark } from 'lucide-static/icons/bookmark.svg?icon'
import { icon as filter } from 'lucide-static/icons/list-filter.svg?icon'
import { icon as folder } from 'lucide-static/icons/folder.svg?icon'
import { icon as folderPlus } from 'lucide-static/icons/folder-plus.svg?icon'
import { icon as mention } from 'lucide-static/icons/at-sign.svg?icon'
import { icon as pin } from 'lucide-static/icons/pin.svg?icon'
import { icon as star } from 'lucide-static/icons/star.svg?icon'
import { icon as unread } from 'lucide-static/icons/mail.svg?icon'
import { icon as bot } from 'lucide-static/icons/bot.svg?icon'
import { icon as megaphone } from 'lucide-static/icons/megaphone.svg?icon'
import { icon as message } from 'lucide-static/icons/message-square.svg?icon'
import { icon as system } from 'lucide-static/icons/monitor.svg?icon'
import { icon as devices } from 'lucide-static/icons/monitor-smartphone.svg?icon'
import { icon as health } from 'lucide-static/icons/activity.svg?icon'
import { icon as thread } from 'lucide-static/icons/messages-square.svg?icon'
import { icon as moon } from 'lucide-static/icons/moon.svg?icon'
import { icon as appearance } from 'lucide-static/icons/palette.svg?icon'
import { icon as panel } from 'lucide-static/icons/panel-right.svg?icon'
import { icon as attach } from 'lucide-static/icons/paperclip.svg?icon'
import { icon as edit } from 'lucide-static/icons/pencil.svg?icon'
import { icon as plus } from 'lucide-static/icons/plus.svg?icon'
import { icon as print } from 'lucide-static/icons/printer.svg?icon'
import { icon as reply } from 'lucide-static/icons/reply.svg?icon'
import { icon as retry } from 'lucide-static/icons/rotate-ccw.svg?icon'
import { icon as search } from 'lucide-static/icons/search.svg?icon'
import { icon as send } from 'lucide-static/icons/send-horizontal.svg?icon'
import { icon as settings } from 'lucide-static/icons/settings.svg?icon'
import { icon as shield } from 'lucide-static/icons/shield.svg?icon'
import { icon as smile } from 'lucide-static/icons/smile.svg?icon'
import { icon as compose } from 'lucide-static/icons/square-pen.svg?icon'
import { icon as sun } from 'lucide-static/icons/sun.svg?icon'
import { icon as trash } from 'lucide-static/icons/trash-2.svg?icon'
import { icon as userPlus } from 'lucide-static/icons/user-plus.svg?icon'
import { icon as user } from 'lucide-static/icons/user.svg?icon'
import { icon as users } from 'lucide-static/icons/users.svg?icon'
import { icon as offline } from 'lucide-static/icons/wifi-off.svg?icon'
import { icon as close } from 'lucide-static/icons/x.svg?icon'

export const icons = {
  computer,
  alert,
  appearance,
  'arrow-down': arrowDown,
  'arrow-left': arrowLeft,
  'arrow-right': arrowRight,
  'arrow-up': arrowUp,
  attach,
  archive,
  'archive-restore': archiveRestore,
  bookmark,
  filter,
  folder,
  'folder-plus': folderPlus,
  mention,
  pin,
  star,
  unread,
  bot,
  megaphone,
  bell,
  'bell-off': bellOff,
  check,
  'check-check': checkCheck,
  'chevron-down': chevronDown,
  'chevron-left': chevronLeft,
  'chevron-right': chevronRight,
  clock,
  close,
  compass,
  compose,
  copy,
  crown,
  devices,
  download,
  edit,
  enter,
  eye,
  'eye-off': eyeOff,
  format,
  file,
  'file-text': fileText,
  'file-archive': fileArchive,
  'file-code': fileCode,
  'file-sheet': fileSheet,
  image,
  play,
  'zoom-in': zoomIn,
  'zoom-out': zoomOut,
  fit,
  forward,
  globe,
  hash,
  health,
  info,
  key,
  keyboard,
  leave,
  link,
  lock,
  'log-out': logOut,
  message,
  moon,
  more,
  offline,
  panel,
  plus,
  print,
  'read-all': readAll,
  reply,
  retry,
  search,
  send,
  settings,
  shield,
  smile,
  sun,
  system,
  thread,
  trash,
  user,
  'user-plus': userPlus,
  users,
} as const

export type IconName = keyof typeof icons
