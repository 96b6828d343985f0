/** How much a fault suite does, and which draws it takes. */

/** `FAULTS=long npm test`: more orders, and each crash point. CI runs it, and a change to recovery should. */
export const isLong = process.env['FAULTS'] === 'long';

/** `SEED=123 npm test -- test/faults` draws again what a run drew that failed; its report names the seed. */
export function takeSeed(): number {
  const { SEED: seed = '' } = process.env;
  return seed === '' ? Date.now() % 1_000_000 : Number(seed);
}

/** So many of the items, each run its own: several runs come to all of them. */
export function drawSome<Item>(items: readonly Item[], count: number, random: () => number): readonly Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return drawn;
}
