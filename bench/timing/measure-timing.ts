/**
 * `npm run bench -- --timing`: whether the time of an answer tells an order of another owner from one that does not exist. Pairs of
 * requests, in a drawn order, interleaved; the median of their differences, with a bootstrap interval.
 */
import { spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { MAIN, OwnApi } from '../own-api.ts';
import { percentile } from '../percentile.ts';
import { postOrder } from '../post-order.ts';

const PAIRS = 10_000;
const AT_ONCE = 8;
const RESAMPLES = 1_000;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export async function measureTiming(): Promise<object> {
  const own = new OwnApi({ RATE_LIMIT: '0' });
  const keyOf = (owner: string): string => {
    const { stdout } = spawnSync(process.execPath, [MAIN, 'keys', 'create', '--owner', owner], {
      env: own.env,
      encoding: 'utf8',
    });
    return /^fs_\S+$/m.exec(stdout)?.[0] ?? '';
  };
  const [alice, bob] = [keyOf('alice'), keyOf('bob')];
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const api = await own.start();
    const foreign = await postOrder(api.url, { Authorization: `Bearer ${alice}` });
    const differences: number[] = [];
    const times: number[] = [];
    const ask = async (orderId: string): Promise<number> => {
      const ms = await timeOf(`${api.url}/api/orders/${orderId}`, bob, agent);
      times.push(ms);
      return ms;
    };
    const askPairs = async (): Promise<void> => {
      while (differences.length < PAIRS) {
        const unknown = Array.from({ length: 32 }, () => ID_LETTERS[Math.floor(Math.random() * 32)]).join('');
        const isForeignFirst = Math.random() < 0.5;
        const first = await ask(isForeignFirst ? foreign : unknown);
        const second = await ask(isForeignFirst ? unknown : foreign);
        differences.push(isForeignFirst ? first - second : second - first);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askPairs));
    const [from, to] = intervalOfMedian(differences);
    const figures = {
      pairs: differences.length,
      answerP50Ms: percentile(times, 50),
      foreignLessUnknownMs: percentile(differences, 50),
      interval95Ms: [from, to],
    };
    console.log(JSON.stringify(figures));
    return figures;
  } finally {
    agent.destroy();
    await own.end();
  }
}

/** The percentile bootstrap, 95 %. */
function intervalOfMedian(values: readonly number[]): readonly [number, number] {
  const medians = Array.from({ length: RESAMPLES }, () => {
    const drawn = Float64Array.from(
      values,
      () => values[Math.floor(Math.random() * values.length)] ?? 0,
    ).sort();
    return drawn[Math.floor(drawn.length / 2)] ?? 0;
  });
  return [percentile(medians, 2.5), percentile(medians, 97.5)];
}

function timeOf(url: string, key: string, agent: Agent): Promise<number> {
  const at = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 404) resolve(performance.now() - at);
        else reject(new Error(`expected 404, got ${response.statusCode ?? 0}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}
