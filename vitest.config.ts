import { defineConfig } from 'vitest/config'

const hub = 'test/server/**/*.test.ts'
const browser = 'test/e2e/**/*.test.ts'
const desktop = 'test/desktop/**/*.test.ts'

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine is slow, which is no failure.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      // Everything but the hub, browser and desktop tests, so that no test file is left out.
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [hub, browser, desktop] },
      },
      { extends: true, test: { name: 'hub', include: [hub] } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [browser],
          globalSetup: './test/support/browser-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // After the others, which load the processors fully.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'desktop',
          include: [desktop],
          globalSetup: ['./test/support/browser-setup.ts', './test/support/desktop-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
