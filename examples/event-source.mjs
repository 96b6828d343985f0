// Follows an order by server-sent events: `node examples/event-source.mjs`. Needs eventsource; a browser has EventSource itself.
import { EventSource } from 'eventsource';

const url = process.env.FILLSTREAM_URL ?? 'http://127.0.0.1:3000';
const apiKey = process.env.FILLSTREAM_API_KEY;
/** Of each request. A server without API keys asks for none. */
const headers = {
  'Content-Type': 'application/json',
  ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}),
};
const answer = await fetch(`${url}/api/orders/execute`, {
  method: 'POST',
  headers,
  body: JSON.stringify({ sellToken: 'DAI', buyToken: 'WETH', sellAmount: '250000000000000000000' }),
});
const order = await answer.json();
if (!answer.ok) throw new Error(`${order.code}: ${order.detail}`);

// With API keys the address carries a ticket, because a browser's EventSource cannot send headers.
// It comes back by itself with Last-Event-ID, which is the `seq`: nothing is missed and nothing comes twice.
const events = new EventSource(new URL(order.links.events, url));
events.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  console.log(message.type, message.progress, message.message);
  if (['confirmed', 'failed', 'cancelled'].includes(message.type)) events.close();
};
// It gives up at every status but 200. Open a new one then, after a moment.
events.onerror = () => {
  if (events.readyState === EventSource.CLOSED) console.error('the stream was refused');
};
