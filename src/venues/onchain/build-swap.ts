/** The call of a swap that pays its recipient at least the minimum, also where a token keeps a part of each transfer. */
import type { Address, Hex } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { BestQuote, SwapCall } from './exchanges/exchange.ts';
import { simulateSwap, type SimulatedSwap, type SimulationDeps } from './simulation/simulate-swap.ts';
import type { ListedToken } from './token-list.ts';

export interface WantedSwap {
  readonly signer: Address;
  readonly sell: ListedToken;
  readonly buy: ListedToken;
  readonly offer: BestQuote;
  readonly call: SwapCall;
}

export interface BuiltSwap {
  readonly data: Hex;
  /** That it uses. */
  readonly gas: bigint;
}

/**
 * The usual call where the tokens keep nothing. Else the call whose router compares what arrives, where the exchange has one; else the
 * usual one, whose minimum is raised by the share that was kept.
 * @throws EffectError `reroute`, `received_less` when less than the minimum would arrive; those of the simulation
 */
export async function buildSwap(deps: SimulationDeps, wanted: WantedSwap): Promise<BuiltSwap> {
  const { path } = wanted.offer;
  const data = path.encode(wanted.call);
  const swap = await simulate(deps, wanted, data).catch((thrown: unknown) => {
    if (isKeptOfSold(thrown) && path.encodeForKeptFees !== undefined) return null;
    throw thrown;
  });
  if (swap === null) return buildForKeptFees(deps, wanted);
  if (swap.paid === null) return { data, gas: swap.gas };
  const { received, returned } = swap.paid;
  const paid = path.paidOf(returned, wanted.call);
  if (received >= paid) return { data, gas: swap.gas };
  checkReceived(deps, wanted, received);
  if (path.encodeForKeptFees !== undefined) return buildForKeptFees(deps, wanted);
  const { minBuyAmount } = wanted.call;
  const beforeKept = (minBuyAmount * paid + received - 1n) / received;
  return { data: path.encode({ ...wanted.call, minBuyAmount: beforeKept }), gas: swap.gas };
}

async function buildForKeptFees(deps: SimulationDeps, wanted: WantedSwap): Promise<BuiltSwap> {
  const { path } = wanted.offer;
  const encode = path.encodeForKeptFees?.bind(path) ?? path.encode.bind(path);
  // What would arrive is read first: the router's own refusal would not say how much it is.
  const swap = await simulate(deps, wanted, encode({ ...wanted.call, minBuyAmount: 0n }));
  if (swap.paid !== null) checkReceived(deps, wanted, swap.paid.received);
  return { data: encode(wanted.call), gas: swap.gas };
}

function simulate(
  deps: SimulationDeps,
  { signer, sell, buy, offer, call }: WantedSwap,
  data: Hex,
): Promise<SimulatedSwap> {
  const { sellAmount, recipient } = call;
  return simulateSwap(deps, { signer, sell, buy, sellAmount, recipient, data, gas: offer.gas });
}

/** The token that is sold keeps a part of it: the exchange receives less than its router was told. */
function isKeptOfSold(thrown: unknown): boolean {
  return thrown instanceof EffectError && thrown.code === 'unsupported_token';
}

function checkReceived({ exchange }: SimulationDeps, wanted: WantedSwap, received: bigint): void {
  const { minBuyAmount, recipient } = wanted.call;
  if (received >= minBuyAmount && received > 0n) return;
  throw new EffectError(
    'reroute',
    'received_less',
    `${received} base units of ${wanted.buy.symbol} would reach ${recipient}, of ${wanted.offer.buyAmount} that ${exchange.name} quotes: expected at least ${minBuyAmount} (a token of the pair keeps a part of each transfer)`,
  );
}
