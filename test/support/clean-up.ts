/**
 * What support modules clean up after each test or suite, also where it failed. They are loaded once for all suites of a worker, so that
 * a hook at their top level would belong to the first suite alone.
 */
type CleanUp = () => unknown;

const afterTests: CleanUp[] = [];
const afterSuites: CleanUp[] = [];

export function afterEveryTest(cleanUp: CleanUp): void {
  afterTests.push(cleanUp);
}

export function afterEverySuite(cleanUp: CleanUp): void {
  afterSuites.push(cleanUp);
}

export async function cleanUpAfterTest(): Promise<void> {
  for (const cleanUp of afterTests) await cleanUp();
}

export async function cleanUpAfterSuite(): Promise<void> {
  for (const cleanUp of afterSuites) await cleanUp();
}
