/** Jest's global tear-down: stops what the set-up has started, and sees to it that the run ends. */
import { stopMongo } from '../mongo/mongo-for-tests.ts';

const ENDS_WITHIN_MS = 10_000;

export default async function tearDown(): Promise<void> {
  await stopMongo();
  // Does not keep the process alive itself: it only fires where something that a test left open does.
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(
      `The tests have ended and the process has not within ${ENDS_WITHIN_MS} ms: a test left something open (${open}).\n`,
    );
    process.exit(1);
  }, ENDS_WITHIN_MS).unref();
}
