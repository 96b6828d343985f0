/** What a TypeScript program sees of the installed package. Only its types are checked; the file is compiled in an empty folder. */
import { ApiError, FillstreamClient, type JournaledMessage } from 'fillstream/client';

const client = new FillstreamClient({ url: 'http://127.0.0.1:3000', transport: 'websocket' });
const { orderId } = await client.submit({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1' });
for await (const entry of client.watch(orderId)) {
  const message: JournaledMessage = entry;
  if (message.type === 'confirmed') console.log(message.executedBuyAmount.length);
}
const end = await client.waitFor(orderId);
if (end.type !== 'confirmed') console.log(end.reason.code);
await client.get('x').catch((error: unknown) => {
  if (error instanceof ApiError && error.code === 'order_not_found') console.log(error.status);
});
// @ts-expect-error A number is no amount.
await client.submit({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: 1 });
