/** Runs for each suite. */
import { afterAll, afterEach } from '@jest/globals';
import { cleanUpAfterSuite, cleanUpAfterTest } from '../clean-up.ts';

afterEach(cleanUpAfterTest);
afterAll(cleanUpAfterSuite);
