// Submits an order and follows it over Socket.IO: `node examples/socket-io.mjs`. Needs socket.io-client.
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';

const url = process.env.FILLSTREAM_URL ?? 'http://127.0.0.1:3000';
const apiKey = process.env.FILLSTREAM_API_KEY;
/** Of each request. A server without API keys asks for none. */
const headers = {
  'Content-Type': 'application/json',
  ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}),
};

// The same key with the same body gives the same order: repeat the request after a lost answer as it is.
const answer = await fetch(`${url}/api/orders/execute`, {
  method: 'POST',
  headers: { ...headers, 'Idempotency-Key': randomUUID() },
  body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' }),
});
const order = await answer.json();
if (!answer.ok) throw new Error(`${order.code}: ${order.detail}`);

// Socket.IO comes back by itself after a lost connection; `after` says where to go on.
let lastSeq = 0;
const socket = io(url, { auth: apiKey ? { token: apiKey } : {} });
socket.on('connect', () => socket.emit('subscribe', { orderId: order.orderId, after: lastSeq }));
socket.on('status', (message) => {
  if (message.seq !== undefined) lastSeq = message.seq;
  console.log(message.type, message.progress ?? '', message.message);
  if (['confirmed', 'failed', 'cancelled'].includes(message.type)) socket.disconnect();
});
