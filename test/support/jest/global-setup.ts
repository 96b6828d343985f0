/** Before all tests: what the suites share. `jest.unit.config.js` runs those that need none of it. */
import { buildPrograms } from './build-programs.ts';
import findMongo from '../mongo/mongo-for-tests.ts';

export default async function setUp(): Promise<void> {
  await Promise.all([buildPrograms(), findMongo()]);
}
