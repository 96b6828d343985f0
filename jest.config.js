/** Runs as ES modules: `node --experimental-vm-modules`. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/jest/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/jest/busy-loop-guard.ts'],
  testSequencer: '<rootDir>/test/support/jest/longest-first.mjs',
  reporters: [
    'default',
    '<rootDir>/test/support/jest/progress-reporter.mjs',
    '<rootDir>/test/support/jest/seed-reporter.js',
  ],
  testTimeout: 30_000,
  maxWorkers: 2,
};
