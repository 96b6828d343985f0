/** Suites run in Node.js itself: `test/support/jest/native`. */
export default {
  runtime: '<rootDir>/test/support/jest/native/runtime.cjs',
  testEnvironment: '<rootDir>/test/support/jest/native/environment.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {},
  globalSetup: '<rootDir>/test/support/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/jest/clean-up-hooks.ts'],
  testSequencer: '<rootDir>/test/support/jest/longest-first.mjs',
  reporters: [
    'default',
    '<rootDir>/test/support/jest/progress-reporter.mjs',
    '<rootDir>/test/support/jest/seed-reporter.js',
  ],
  testTimeout: 30_000,
  maxWorkers: 3,
};
