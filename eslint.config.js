import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import lit from 'eslint-plugin-lit'
import tseslint from 'typescript-eslint'
import * as restrictions from './scripts/lint/restricted-syntax.js'
import { boundaries } from './scripts/lint/import-boundaries.js'

const everywhere = [...restrictions.defaultExports, ...restrictions.barrels]

/** The restrictions of a folder. The next matching block replaces no-restricted-syntax instead of merging it. */
const banned = (...lists) => ({ 'no-restricted-syntax': ['error', ...everywhere, ...lists.flat()] })

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'test-results/', '**/node_modules/']),

  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    // One program for all folders: the types of the contract are worked out once. tsc checks each folder by its own.
    languageOptions: {
      parserOptions: { project: 'tsconfig.lint.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An async handler without await is the simplest way to match a signature with a promise.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly' } },
  },
  {
    files: [
      'server/docs/try.js',
      'server/http/certificate-page/trust.js',
      'server/http/moved.js',
      'renderer/public/*.js',
    ],
    languageOptions: {
      globals: {
        document: 'readonly',
        fetch: 'readonly',
        location: 'readonly',
        HTMLElement: 'readonly',
        AbortSignal: 'readonly',
        addEventListener: 'readonly',
        localStorage: 'readonly',
        matchMedia: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        URLSearchParams: 'readonly',
      },
    },
  },
  {
    plugins: { hubbub: { rules: { boundaries } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'hubbub/boundaries': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      ...banned(),
    },
  },

  {
    files: ['shared/**', 'server/**', 'renderer/**', 'main/**'],
    rules: { 'no-console': 'error', ...banned(restrictions.unsafeRendering) },
  },
  { files: ['shared/**'], rules: banned(restrictions.unsafeRendering, restrictions.impureShared) },
  {
    files: [
      'server/{bots,chats,drafts,invites,members,messages,pins,profile,reactions,saved,sessions,streams,threads,tokens,users,webhooks}/**',
    ],
    rules: banned(restrictions.unsafeRendering, restrictions.storeInRules),
  },
  {
    files: ['main/**'],
    rules: banned(restrictions.unsafeRendering, restrictions.shellWindows, restrictions.rawIpc),
  },
  {
    // The ports of its own types, which have no DOM, are not those of Electron.
    files: ['main/preload.ts'],
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'off' },
  },
  { files: ['main/ui/main-window.ts'], rules: banned(restrictions.unsafeRendering, restrictions.rawIpc) },
  { files: ['main/ipc/ipc-main.ts'], rules: banned(restrictions.unsafeRendering, restrictions.shellWindows) },
  {
    // A migration never changes: it uses tables by name, not by today's types.
    files: ['server/db/migrations/**'],
    rules: { '@typescript-eslint/no-explicit-any': 'off' },
  },
  { files: ['renderer/**'], extends: [lit.configs['flat/recommended']] },
  {
    files: ['renderer/**'],
    ignores: ['renderer/ui/keys.ts'],
    rules: banned(
      restrictions.unsafeRendering,
      restrictions.bareEnter,
      restrictions.leakingRepeat,
      restrictions.nativeTooltips,
    ),
  },

  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'campaign/**/*.ts'],
    rules: {
      // Responses are read as JSON and asserted on; the assertion is the type check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // They replace methods, and call the former ones with the right `this`.
    files: ['campaign/soak/leak.ts', 'campaign/standby/points.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  { files: ['test/**'], rules: banned(restrictions.ownMocks, restrictions.onlyTests, restrictions.sleeps) },
  { files: ['test/support/**'], rules: banned(restrictions.ownMocks, restrictions.onlyTests) },

  // These tools require a default export.
  {
    files: ['*.config.{js,ts}', 'test/support/summary-reporter.ts', 'test/support/*-setup.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
)
