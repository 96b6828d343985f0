import { z } from 'zod';

const answerSchema = z.object({ orderId: z.string() });

/** @returns its id */
export async function postOrder(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' }),
  });
  return answerSchema.parse(await response.json()).orderId;
}
