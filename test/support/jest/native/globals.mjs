/**
 * What suites import from '@jest/globals'. This module is loaded once a worker, and its bindings are renewed for each suite: support
 * modules, which are loaded once too, then call the functions of the suite that runs.
 */
export let afterAll;
export let afterEach;
export let beforeAll;
export let beforeEach;
export let describe;
export let expect;
export let it;
export let jest;
export let test;

export function useGlobals(globals) {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globals);
}
