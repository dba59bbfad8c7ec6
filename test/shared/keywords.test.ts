import { expect, test } from 'vitest'
import { keywordFinder } from '../../shared/text/keywords.ts'

const finds = (text: string, keyword: string) => keywordFinder(text)(keyword)

test.each([
  ['deploy at noon', 'deploy'],
  ['Deploy, please', 'DEPLOY'],
  ['the (deploy)', 'deploy'],
  ['re-deploy now', 'deploy'],
  ['the release train leaves', 'release train'],
  ['we use C++ here', 'c++'],
  ['Die STRASSE ist gesperrt', 'Straße'],
  ['cafe\u0301 au lait', 'café'],
  ['срочно: Сервер упал', 'сервер'],
  ['Ο σέρβερ έπεσε', 'σέρβερ'],
  ['الخادم توقف', 'الخادم'],
  ['השרת נפל', 'השרת'],
  ['서울에서 만나요', '서울'],
  ['このサーバーは止まった', 'サーバー'],
  ['東京都に行く', '東京'],
  ['服务器坏了', '服务器'],
  ['เซิร์ฟเวอร์ล่ม', 'เซิร์ฟเวอร์'],
  ['APIを直す', 'api'],
  ['API가 느려요', 'api'],
  ['it was 🚀 time', '🚀'],
])('%s contains the word %s', (text, keyword) => {
  expect(finds(text, keyword)).toBe(true)
})

test.each([
  ['redeployment', 'deploy'],
  ['deployed', 'deploy'],
  ['deploy_key', 'deploy'],
  ['api2', 'api'],
  ['cafe\u0301', 'cafe'],
  ['серверный', 'сервер'],
  ['والخادم', 'خادم'],
  ['동서울', '서울'],
  ['東京都に行く', '京都'],
  ['デバッグした', 'バッグ'],
  ['nothing here', ''],
])('%s does not contain the word %s', (text, keyword) => {
  expect(finds(text, keyword)).toBe(false)
})
