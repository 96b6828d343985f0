import { expect, test } from '@jest/globals';
import { made } from '../../src/store/judge-commit.ts';
import { StoreUnavailable, type Committed, type OrderStore } from '../../src/store/ports.ts';
import { commitWithRetry } from '../../src/worker/commit-with-retry.ts';
import { aCommit } from '../contracts/order-store/order-store-samples.ts';

const COMMIT = aCommit({ orderId: 'a'.repeat(32), version: 1, lastSeq: 1 });

/** Answers each commit with the next of these; once they are used up, with a defect, so that no test retries forever. */
function storeThat(...answers: readonly (Committed | Error)[]) {
  const asked: string[] = [];
  const orders: Pick<OrderStore, 'commit'> = {
    commit: (commit) => {
      const { commitId } = made(commit);
      const answer = answers[asked.length] ?? new Error('asked once more than expected');
      asked.push(commitId);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { orders, asked };
}

const away = new StoreUnavailable('away');
const options = (signal = new AbortController().signal) => ({ random: () => 0, signal });

test('a commit is repeated under its id until the store answers', async () => {
  const { orders, asked } = storeThat(away, away, { outcome: 'committed' });
  expect(await commitWithRetry(orders, COMMIT, options())).toEqual({ outcome: 'committed' });
  expect(asked).toEqual([COMMIT.commitId, COMMIT.commitId, COMMIT.commitId]);
});

test('a worker that gives up sends no more requests to the store', async () => {
  const { orders, asked } = storeThat(away);
  expect(await commitWithRetry(orders, COMMIT, options(AbortSignal.abort()))).toBeNull();
  expect(asked).toHaveLength(1);
});

test('a worker that gives up does not wait out its delay first', async () => {
  const { orders, asked } = storeThat(away, away);
  const stopping = new AbortController();
  const answer = commitWithRetry(orders, COMMIT, options(stopping.signal));
  stopping.abort();
  expect(await answer).toBeNull();
  expect(asked.length).toBeLessThanOrEqual(2);
});

test('a refusal that is not an outage is thrown at once', async () => {
  const { orders, asked } = storeThat(new Error('a defect'), { outcome: 'committed' });
  await expect(commitWithRetry(orders, COMMIT, options())).rejects.toThrow('a defect');
  expect(asked).toHaveLength(1);
});
