import { defineConfig } from 'vitest/config'
import { findTempDir } from './test/support/temp-dir.ts'
import {
  clusterFiles,
  clusterTestNames,
  oneProcessOnly,
  postgresFiles,
  postgresOnly,
  postgresTestNames,
  sqliteOnly,
} from './test/support/worlds.ts'

const hub = 'test/server/**/*.test.ts'
const browser = 'test/e2e/**/*.test.ts'
const desktop = 'test/desktop/**/*.test.ts'

const postgresTimeoutMs = 120_000
/** The world of the hub's suite: test/support/worlds.ts. */
const world = process.env['HUBBUB_TEST_DATABASE']
const usesPostgres = world === 'postgres' || world === 'cluster'

// for the tests, and the programs that they start
process.env['TMPDIR'] = findTempDir()

/** A part of the hub's suite with PostgreSQL, in every run. */
const postgresPart = {
  extends: true as const,
  test: {
    name: 'postgres',
    include: [...postgresFiles, ...postgresOnly],
    env: { HUBBUB_TEST_DATABASE: 'postgres' },
    testTimeout: postgresTimeoutMs,
    globalSetup: ['./test/support/build-program.ts', './test/support/postgres-setup.ts'],
  },
}

export default defineConfig({
  test: {
    reporters: ['default', './test/support/summary-reporter.ts'],
    pool: 'forks',
    // two cores: many tests wait for a browser, a process or a time
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    ...(usesPostgres ? { testNamePattern: world === 'cluster' ? clusterTestNames : postgresTestNames } : {}),
    // A busy machine is slow, which is no failure.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      // Everything but the hub, browser and desktop tests, so that no test file is left out.
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [hub, browser, desktop] },
      },
      {
        extends: true,
        test: {
          name: 'hub',
          include: [hub],
          // The whole suite with PostgreSQL: HUBBUB_TEST_DATABASE=postgres, or =cluster.
          exclude: usesPostgres
            ? [
                ...Object.keys(sqliteOnly),
                ...(world === 'cluster' ? [...clusterFiles, ...Object.keys(oneProcessOnly)] : []),
              ]
            : postgresOnly,
          // A request takes several round trips to the server.
          ...(usesPostgres ? { testTimeout: postgresTimeoutMs } : {}),
          globalSetup: [
            './test/support/build-program.ts',
            ...(usesPostgres ? ['./test/support/postgres-setup.ts'] : []),
          ],
        },
      },
      ...(usesPostgres ? [] : [postgresPart]),
      {
        extends: true,
        test: {
          name: 'browser',
          include: [browser],
          globalSetup: './test/support/browser-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // ESLint and another browser share two cores with it; the reporter names what was tried again
          retry: 1,
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
          // ESLint and another browser share two cores with it; the reporter names what was tried again
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
