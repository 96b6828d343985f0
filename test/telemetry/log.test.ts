import { expect, test } from '@jest/globals';
import type { Level } from 'pino';
import { TimeoutError } from '../../src/runtime/timeout.ts';
import { openLog } from '../../src/telemetry/log.ts';

function logged(level: Level, write: (log: ReturnType<typeof openLog>) => void): unknown {
  const lines: string[] = [];
  write(openLog(level, { write: (line: string) => lines.push(line) }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines.join(''));
}

const timedOut = new TimeoutError("Redis' answer", 1_000);
const named = {
  type: 'TimeoutError',
  message: "Redis' answer took longer than 1000 ms",
  name: 'TimeoutError',
};

test('a warning names its error without a stack', () => {
  const line = logged('info', (log) =>
    log.warn({ err: timedOut, redis: 'queue' }, 'the queue is unavailable'),
  );
  expect(line).toMatchObject({ level: 40, redis: 'queue', msg: 'the queue is unavailable' });
  expect(line).toHaveProperty('err', named);
});

test('a warning has no stack of the errors that its error holds either', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:6379'), { code: 'ECONNREFUSED' });
  const line = logged('info', (log) =>
    log.warn({ err: new AggregateError([refused], 'all refused') }, 'away'),
  );
  expect(line).toHaveProperty('err.aggregateErrors', [
    { type: 'Error', message: 'connect ECONNREFUSED ::1:6379', code: 'ECONNREFUSED' },
  ]);
  expect(JSON.stringify(line)).not.toContain('"stack"');
});

test('an error that is logged as one keeps its stack', () => {
  expect(logged('info', (log) => log.error({ err: timedOut }, 'failed'))).toHaveProperty(
    'err.stack',
    timedOut.stack,
  );
});

test('LOG_LEVEL=debug shows the stack of a warning', () => {
  expect(logged('debug', (log) => log.warn({ err: timedOut }, 'failed'))).toHaveProperty(
    'err.stack',
    timedOut.stack,
  );
});
