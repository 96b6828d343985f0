/**
 * Order of the suites: the longest first, so that at the end no worker waits for the other. Jest knows how long each suite took last time;
 * in a fresh clone the folders are what is known.
 */
import Sequencer from '@jest/test-sequencer';

const LONG = [
  '/test/faults/',
  '/test/flows/',
  '/test/page/',
  '/test/store/mongo/',
  '/test/model/',
  '/test/embedded/',
  '/test/chain/',
  '/test/feed/',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.every(({ duration }) => duration !== undefined)) return sorted;
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ path }) {
  const place = LONG.findIndex((folder) => path.includes(folder));
  return place === -1 ? LONG.length : place;
}
