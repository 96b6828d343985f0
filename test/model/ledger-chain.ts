/** The chain as the environment: it mines what it likes of what it was sent, forgets the rest, and may change its mind. */
import type { Step } from './explore.ts';
import type { Rules } from './ledger-rules.ts';
import { isSwap, nonceOf, type Chain, type Hash, type Outcome, type State } from './ledger-state.ts';

export function chainSteps(state: State, { reorgs }: Rules): Step<State>[] {
  const { mined, mempool, final } = state.chain;
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
    steps.push(take('mines', false));
    if (isSwap(hash)) steps.push(take('mines, and the swap reverts', true));
  }
  if (final < count) steps.push(step('makes a block final', { final: final + 1 }));
  const last = mined.at(-1);
  if (final < count && last !== undefined) {
    steps.push(
      step('takes a block back', { mined: mined.slice(0, -1), mempool: [...mempool, last.hash].sort() }),
    );
  }
  return steps;
}

/** How many nonces are used for good. */
export function usedNonces({ mined, final }: Chain, { mistake }: Rules): number {
  if (mistake === 'finality not awaited') return mined.length;
  return mistake === 'revert not awaited' && mined[final]?.reverted === true ? final + 1 : final;
}

/** What became of a nonce, if one of these hashes used it. */
export function receiptOf({ mined }: Chain, nonce: number, hashes: readonly Hash[]): Outcome | null {
  const receipt = mined[nonce];
  if (receipt === undefined || !hashes.includes(receipt.hash)) return null;
  if (!isSwap(receipt.hash)) return 'unfilled';
  return receipt.reverted ? 'reverted' : 'filled';
}

/** Inserted by nonce: a second outcome changes nothing. */
export function recorded({ settled }: State, nonce: number, outcome: Outcome): Partial<State> {
  const length = Math.max(settled.length, nonce + 1);
  const known = Array.from({ length }, (_, each) => settled[each] ?? null);
  return { settled: known.with(nonce, known[nonce] ?? outcome) };
}
