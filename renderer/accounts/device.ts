const browserPatterns: [RegExp, string][] = [
  [/Electron\//, 'Hubbub'],
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systemPatterns: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** The name of this device in the list of sessions: `Firefox on Linux`. */
export function deviceName(agent: string = navigator.userAgent): string {
  const find = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1]
  return [find(browserPatterns) ?? 'Browser', find(systemPatterns)].filter(Boolean).join(' on ')
}
