// Follows an order on a plain WebSocket, in colour: `node examples/websocket-colour.mjs [order id]`. Needs ws.
import { styleText } from 'node:util';
import { WebSocket } from 'ws';

const url = process.env.FILLSTREAM_URL ?? 'http://127.0.0.1:3000';
const apiKey = process.env.FILLSTREAM_API_KEY;
/** Of each request. A server without API keys asks for none. */
const headers = {
  'Content-Type': 'application/json',
  ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}),
};
const COLOURS = {
  confirmed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  retry: 'yellow',
  error: 'red',
  heartbeat: 'gray',
};
/** The server asks for another connection after these: it shuts down, reads too slowly, or its store rests. */
const COME_BACK = [1001, 1006, 4408, 4500, 4503];

async function submit() {
  const answer = await fetch(`${url}/api/orders/execute`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '440000000000000000' }),
  });
  const order = await answer.json();
  if (!answer.ok) throw new Error(`${order.code}: ${order.detail}`);
  return order.orderId;
}

function watch(orderId, after) {
  let lastSeq = after;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/status/${orderId}?after=${after}`, {
    headers,
  });
  socket.on('message', (data) => {
    const { type, seq, progress, message } = JSON.parse(data);
    if (seq !== undefined) lastSeq = seq;
    const bar = '█'.repeat(Math.round((progress ?? 0) / 10)).padEnd(10, '░');
    console.log(styleText(COLOURS[type] ?? 'cyan', `${type.padEnd(10)} ${bar} ${message}`));
  });
  socket.on('error', ({ message }) => console.error(message));
  socket.on('close', (code) => {
    // 1000: the order has ended, and all of it was sent.
    if (COME_BACK.includes(code)) setTimeout(() => watch(orderId, lastSeq), 1_000);
  });
}

watch(process.argv[2] ?? (await submit()), 0);
