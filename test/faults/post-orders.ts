import { cancelOrder, submitOrder } from '../../src/demo/submit.ts';

export interface Posting {
  readonly url: string;
  /** Orders are numbered; the number is part of the Idempotency-Key. */
  readonly from: number;
  readonly to: number;
  /** From 0 to 1. */
  readonly cancelShare: number;
  readonly random: () => number;
  readonly accepted: (orderId: string) => void;
}

const POSTERS = 16;

/** Posts orders side by side, each until it is acknowledged, whatever happens to the server meanwhile. */
export async function postOrders({ url, from, to, cancelShare, random, accepted }: Posting): Promise<void> {
  let next = from;
  const post = async (): Promise<void> => {
    while (next < to) {
      const index = next++;
      const { orderId } = await submitOrder(url, `key-${index}`, {
        sellToken: 'WETH',
        buyToken: 'USDC',
        sellAmount: String(10n ** 18n + BigInt(index)),
        clientOrderId: `n${index}`,
      });
      accepted(orderId);
      if (random() < cancelShare) await cancelOrder(url, orderId);
    }
  };
  await Promise.all(Array.from({ length: POSTERS }, post));
}
