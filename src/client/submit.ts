/** Submits and cancels over REST, as any service would. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly orderId: string;
}

/** Repeats until the order is accepted or refused for good: with the same key, repeating is harmless. */
export async function submitOrder(url: string, idempotencyKey: string, body: unknown): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post(`${url}/api/orders/execute`, body, { 'idempotency-key': idempotencyKey });
    if (answer !== null && (answer.status === 200 || answer.status === 201)) {
      return { status: answer.status, orderId: orderIdOf(answer.text) };
    }
    const refused = answer !== null && answer.status < 500 && answer.status !== 429;
    if (refused || attempt === 200)
      throw new Error(`submission answered ${answer?.status ?? 'nothing'}: ${answer?.text ?? ''}`);
    await sleep(Math.min(50 * attempt, 500));
  }
}

/** The HTTP status: 202 accepted, 409 too late, null no answer. */
export async function cancelOrder(url: string, orderId: string): Promise<number | null> {
  return (await post(`${url}/api/orders/${orderId}/cancel`, {}, {}))?.status ?? null;
}

async function post(
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}

function orderIdOf(text: string): string {
  const answer: unknown = JSON.parse(text);
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'orderId' in answer &&
    typeof answer.orderId === 'string'
  ) {
    return answer.orderId;
  }
  throw new Error(`a submission answers an orderId: got ${text}`);
}
