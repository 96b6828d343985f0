/** Recipients that lose what they receive, as the chain shows them. An api refuses those that it can know of. */
import type { Address } from 'viem';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Exchange } from './exchanges/exchange.ts';

/** @throws EffectError `fail`, invalid_recipient; what viem throws */
export type CheckRecipient = (recipient: Address, sell: Address, buy: Address) => Promise<void>;

/** 0 and precompiled contracts, of which chains have added some up to 0x0100. */
const LAST_RESERVED_ADDRESS = 0xffffn;

/**
 * @param contracts of the market
 * @param exchanges whose pools of the order's tokens are looked up
 */
export function recipientCheck(contracts: readonly string[], exchanges: readonly Exchange[]): CheckRecipient {
  const known = new Set(contracts.map((each) => each.toLowerCase()));
  return async (recipient, sell, buy) => {
    const address = recipient.toLowerCase();
    const isReserved = BigInt(address) <= LAST_RESERVED_ADDRESS || address === NATIVE_COIN.toLowerCase();
    if (isReserved) throw invalid(recipient, 'a reserved address');
    if (known.has(address)) throw invalid(recipient, 'a contract of the market');
    const pools = await Promise.all(exchanges.map((exchange) => exchange.pools(sell, buy)));
    if (pools.flat().some((pool) => pool.toLowerCase() === address)) {
      throw invalid(recipient, 'a pool of its tokens');
    }
  };
}

function invalid(recipient: Address, what: string): EffectError {
  return new EffectError(
    'fail',
    'invalid_recipient',
    `The recipient ${recipient} is ${what}, which cannot spend what it receives: expected the address of an account`,
  );
}
