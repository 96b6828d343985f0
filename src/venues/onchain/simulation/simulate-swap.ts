/** Simulates a swap as its signer would send it, with what reaches the recipient. */
import { maxUint256, numberToHex, type Address, type Hex } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { revertDataOf, revertReason } from '../../../abis/revert.ts';
import type { AllowanceSlot } from './allowance-slot.ts';
import { classifyRevert } from '../classify-revert.ts';
import type { Exchange } from '../exchanges/exchange.ts';
import { COIN_PROBE, decodeProbe, encodeProbe, RECEIVED_PROBE, type Received } from './received-probe.ts';
import { takesNoOverride } from '../rpc-failure.ts';
import type { ListedToken } from '../token-list.ts';
import type { VenueClient } from '../venue-client.ts';

export interface SwapSimulation {
  readonly signer: Address;
  readonly sell: ListedToken;
  readonly sellAmount: bigint;
  readonly buy: ListedToken;
  readonly recipient: Address;
  readonly data: Hex;
  /** The gas that it uses, by rule of thumb. */
  readonly gas: bigint;
}

export interface SimulatedSwap {
  readonly gas: bigint;
  /**
   * What reaches the recipient, and what the router returns. Null: the node does not override code, or the allowance is missing and its
   * slot is unknown.
   */
  readonly paid: Received | null;
}

export interface SimulationDeps {
  readonly client: VenueClient;
  readonly exchange: Exchange;
  readonly allowanceSlot: AllowanceSlot;
}

/**
 * A missing allowance is not a failure: it is overridden in the simulation. Where its storage slot is unknown, a revert with
 * exactly this cause is ignored.
 * @throws EffectError when it would revert for another cause; what viem throws
 */
export async function simulateSwap(
  { client, exchange, allowanceSlot }: SimulationDeps,
  { signer, sell, sellAmount, buy, recipient, data, gas }: SwapSimulation,
): Promise<SimulatedSwap> {
  const value = sell.isCoin === true ? sellAmount : 0n;
  if (value > 0n) await throwUnlessHeld(client, signer, sell, sellAmount);
  const slot = value > 0n ? null : await allowanceSlot(sell.address, signer, exchange.router);
  const allowed = { slot: slot ?? '0x', value: numberToHex(maxUint256, { size: 32 }) };
  const allowance = slot === null ? [] : [{ address: sell.address, stateDiff: [allowed] }];
  const call = {
    account: signer,
    to: exchange.router,
    data,
    value,
    ...(slot === null ? {} : { stateOverride: allowance }),
  };
  // Not every node overrides in an estimate, and the figure is only for the limit.
  const estimate = client.estimateGas(call).catch(() => gas);
  try {
    const paid = await probe();
    if (paid === null) await client.call(call);
    return { gas: await estimate, paid };
  } catch (thrown) {
    const revert = revertDataOf(thrown);
    if (revert === null) throw thrown;
    const failure = classifyRevert(exchange, revertReason(revert));
    if (failure.code !== 'insufficient_funds') throw toError(failure);
    await throwUnlessOnlyAllowanceIsMissing(client, exchange, {
      signer,
      sell: sell.address,
      sellAmount,
      slot,
    });
    return { gas, paid: null };
  }

  /** Null: the node does not override code. */
  async function probe(): Promise<Received | null> {
    try {
      const { data: answer } = await client.call({
        account: signer,
        to: signer,
        // To itself: the code passes it on.
        value,
        data: encodeProbe({ token: buy.address, recipient, to: exchange.router, data }),
        stateOverride: [
          { address: signer, code: buy.isCoin === true ? COIN_PROBE : RECEIVED_PROBE },
          ...allowance,
        ],
      });
      return answer === undefined ? null : decodeProbe(answer);
    } catch (thrown) {
      if (takesNoOverride(thrown)) return null;
      throw thrown;
    }
  }
}

/** A node refuses to simulate what the signer cannot pay, in words of its own. */
async function throwUnlessHeld(
  client: VenueClient,
  signer: Address,
  { symbol }: ListedToken,
  sellAmount: bigint,
): Promise<void> {
  const balance = await client.getBalance({ address: signer });
  if (balance >= sellAmount) return;
  throw new EffectError(
    'fail',
    'insufficient_funds',
    `the signer ${signer} has ${balance} of the ${sellAmount} base units of ${symbol} that the order sells`,
  );
}

async function throwUnlessOnlyAllowanceIsMissing(
  client: VenueClient,
  { name, router }: Exchange,
  {
    signer,
    sell,
    sellAmount,
    slot,
  }: Pick<SwapSimulation, 'signer' | 'sellAmount'> & { readonly sell: Address; readonly slot: Hex | null },
): Promise<void> {
  const token = { address: sell, abi: ERC20 } as const;
  const [balance, allowance] = await Promise.all([
    client.readContract({ ...token, functionName: 'balanceOf', args: [signer] }),
    client.readContract({ ...token, functionName: 'allowance', args: [signer, router] }),
  ]);
  if (balance < sellAmount) {
    throw new EffectError(
      'fail',
      'insufficient_funds',
      `the signer ${signer} has ${balance} of the ${sellAmount} base units of ${sell} that the order sells`,
    );
  }
  if (slot === null && allowance < sellAmount) return;
  throw new EffectError('reroute', 'unsupported_token', `${name} could not take ${sell} from ${signer}`);
}

function toError({ kind, code, message }: ReturnType<typeof classifyRevert>): EffectError {
  return new EffectError(kind, code, message);
}
