/** A program that uses the installed package: an order over each transport. Runs in every platform that the client is for. */
import { FillstreamClient, parseTokens, printTokens } from 'fillstream/client';

for (const transport of ['sse', 'websocket', 'socket.io']) {
  const client = new FillstreamClient({ url: process.env.FILLSTREAM_URL, transport });
  const sellAmount = String(parseTokens('0.1', 18));
  const { orderId } = await client.submit({ sellToken: 'WETH', buyToken: 'USDC', sellAmount });
  const seqs = [];
  for await (const { seq } of client.watch(orderId)) seqs.push(seq);
  const end = await client.waitFor(orderId);
  const isComplete = seqs.every((seq, index) => seq === index + 1) && seqs.length === end.seq;
  if (!isComplete || end.type !== 'confirmed')
    throw new Error(`${transport}: ${seqs.join()}, ${end.message}`);
  console.log(`${transport}: ${seqs.join()}, bought ${printTokens(BigInt(end.executedBuyAmount), 6)} USDC`);
}
