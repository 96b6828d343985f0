/** `npm run test:unit`: what can be tested without a service and without another process, in seconds. */
import all from './jest.config.js';
import { unitTests } from './test/support/jest/unit-tests.mjs';

export default {
  ...all,
  globalSetup: undefined,
  globalTeardown: undefined,
  testMatch: unitTests(import.meta.dirname),
};
