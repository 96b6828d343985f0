import type { OrderTerms } from '../../machines/order/types.ts';

/** 1 WETH for USDC, unless said otherwise. */
export function orderTerms(orderId: string, terms: Partial<OrderTerms> = {}): OrderTerms {
  return {
    orderId,
    owner: 'local',
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '1000000000000000000',
    minBuyAmount: null,
    slippageBps: 50,
    validTo: 4_000_000_000,
    recipient: null,
    clientOrderId: null,
    ...terms,
  };
}
