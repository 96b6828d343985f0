/** The chain as the environment: it mines what it likes of what it was sent, forgets the rest, and may change its mind. */
import type { Step } from './explore.ts';
import type { Rules } from './ledger-rules.ts';
import {
  isSwap,
  nonceOf,
  type Chain,
  type Hash,
  type Mined,
  type Outcome,
  type State,
} from './ledger-state.ts';

export function chainSteps(state: State, { reorgs, twoViews }: Rules): Step<State>[] {
  const { mined, mempool, final, stale, expired } = state.chain;
  const count = mined.length;
  const step = (name: string, chain: Partial<Chain>): Step<State> => ({
    name: `chain ${name}`,
    next: { ...state, chain: { ...state.chain, ...chain } },
  });

  const steps = mempool.map((lost) => step('forgets', { mempool: mempool.filter((hash) => hash !== lost) }));
  for (const hash of mempool.filter((each) => nonceOf(each) === count)) {
    const left = mempool.filter((each) => nonceOf(each) !== count);
    const take = (name: string, reverted: boolean) =>
      step(name, { mined: [...mined, { hash, reverted }], final: reorgs ? final : count + 1, mempool: left });
    // The router's deadline.
    if (!(isSwap(hash) && expired === true)) steps.push(take('mines', false));
    if (isSwap(hash)) steps.push(take('mines, and the swap reverts', true));
  }
  if (expired === false) steps.push(step('passes validTo', { expired: true }));
  if (final < count) steps.push(step('makes a block final', { final: final + 1 }));
  const last = mined.at(-1);
  if (final < count && last !== undefined) {
    const without = { mined: mined.slice(0, -1), mempool: [...mempool, last.hash].sort() };
    steps.push(step('takes a block back', without));
    if (twoViews && stale === null) {
      const left = { ...without, stale: { ...last, nonce: count - 1 } };
      steps.push(step('takes a block back, and one node stays on it', left));
    }
  }
  return steps;
}

/** How many nonces are used for good. */
export function usedNonces({ mined, final }: Chain, { mistake }: Rules): number {
  if (mistake === 'finality not awaited') return mined.length;
  return mistake === 'revert not awaited' && mined[final]?.reverted === true ? final + 1 : final;
}

/**
 * What became of a nonce, if one of these hashes used it: each answer that may come and is believed. A receipt of a node on a
 * branch that lost names a block that the chain does not have at that height, and is not believed.
 */
export function receiptsOf(
  { mined, stale }: Chain,
  nonce: number,
  hashes: readonly Hash[],
  { mistake }: Rules,
): readonly Outcome[] {
  const lost = mistake === 'receipt and head from two views' && stale?.nonce === nonce ? [stale] : [];
  const receipts = [...mined.slice(nonce, nonce + 1), ...lost].filter(({ hash }) => hashes.includes(hash));
  return [...new Set(receipts.map(outcomeOf))];
}

function outcomeOf({ hash, reverted }: Mined): Outcome {
  if (!isSwap(hash)) return 'unfilled';
  return reverted ? 'reverted' : 'filled';
}

/** Inserted by nonce: a second outcome changes nothing. */
export function recorded({ settled }: State, nonce: number, outcome: Outcome): Partial<State> {
  const length = Math.max(settled.length, nonce + 1);
  const known = Array.from({ length }, (_, each) => settled[each] ?? null);
  return { settled: known.with(nonce, known[nonce] ?? outcome) };
}
