import { expect, test } from 'vitest'
import { dateLocaleFor, firstDayOfWeekIn } from '../../renderer/text/region.ts'

const afternoon = Date.UTC(2026, 2, 5, 16, 7)

function shown(locale: string) {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(afternoon)
  return {
    clock: format({ hour: 'numeric', minute: '2-digit' }).replace(/\s/g, ' '),
    day: format({ day: 'numeric', month: 'short' }),
    weekBegins: firstDayOfWeekIn(locale),
  }
}

test.each([
  // a browser in German, which offers English too
  [['de-DE', 'de', 'en-US', 'en'], 'Europe/Berlin', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  // the same one far from home
  [['de', 'en-US', 'en'], 'America/New_York', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  // a browser in English, whose user reads German and lives in Vienna
  [['en-US', 'en', 'de'], 'Europe/Vienna', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  [['en-US', 'en', 'fr', 'de-AT'], 'Europe/Vienna', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  [['en-US', 'es-MX'], 'America/New_York', { clock: '4:07 PM', day: 'Mar 5', weekBegins: 7 }],
  [['en-GB'], 'Europe/Madrid', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  // regions that no browser has English for
  [['pt-BR'], 'America/Sao_Paulo', { clock: '16:07', day: '5 Mar', weekBegins: 7 }],
  [['zh-CN'], 'Asia/Shanghai', { clock: '16:07', day: 'Mar 5', weekBegins: 1 }],
  [['ko-KR', 'en-US'], 'Asia/Seoul', { clock: '4:07 PM', day: 'Mar 5', weekBegins: 7 }],
  [['ar-EG'], 'Africa/Cairo', { clock: '4:07 pm', day: '5 Mar', weekBegins: 6 }],
  // one zone by two names
  [['en-IN', 'de'], 'Asia/Calcutta', { clock: '4:07 pm', day: '5 Mar', weekBegins: 7 }],
  [['en-IN', 'de'], 'Asia/Kolkata', { clock: '4:07 pm', day: '5 Mar', weekBegins: 7 }],
  // nothing that can be read
  [[], undefined, { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
  [['_', 'es-419'], 'No/Where', { clock: '16:07', day: '5 Mar', weekBegins: 1 }],
] as const)('languages %j in the zone %s show times as people there do', (languages, zone, expected) => {
  expect(shown(dateLocaleFor({ languages, zone }))).toEqual(expected)
})

test('the region of the system counts before that of the languages', () => {
  const languages = ['en-US']
  expect(shown(dateLocaleFor({ languages, systemRegion: 'CH' })).clock).toBe('16:07')
  expect(shown(dateLocaleFor({ languages: ['de'], systemRegion: 'us' })).clock).toBe('4:07 PM')
  for (const systemRegion of ['', '419', 'C-u', 'ZZZ']) {
    expect(shown(dateLocaleFor({ languages, systemRegion })).clock, systemRegion).toBe('4:07 PM')
  }
})
