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
  reporters: ['default', '<rootDir>/test/support/seed-reporter.js'],
  globalSetup: '<rootDir>/test/support/mongo-for-tests.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/busy-loop-guard.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
