/** Errors of clients carry what they sent. */
import { expect, test } from '@jest/globals';
import { openLog } from '../../src/telemetry/log.ts';

function logged(err: unknown): string {
  let text = '';
  openLog('info', { write: (line) => void (text += line) }).error({ err }, 'it failed');
  return text;
}

test.each([
  ['arguments', { command: 'AUTH', args: ['canary'] }],
  ['a command', { command: { name: 'auth', args: ['canary'] } }],
  ['another error with arguments', { origin: Object.assign(new Error('cut'), { args: ['canary'] }) }],
])('an error that carries %s is logged without them', (_, fields) => {
  const text = logged(Object.assign(new Error('the server refuses AUTH'), { code: 'NOAUTH', ...fields }));
  expect(text).toContain('the server refuses AUTH');
  expect(text).toContain('NOAUTH');
  expect(text).not.toContain('canary');
});

test('the causes of an error, and the errors of an aggregate, are logged with it', () => {
  expect(logged(new Error('outer', { cause: new Error('inner') }))).toMatch(/outer.*inner/);
  const both = new AggregateError([new Error('the first'), new Error('the second')], 'both failed');
  expect(logged(both)).toMatch(/the first.*the second/);
});

test('what was thrown and is no error is logged as it is', () => {
  expect(logged('a text')).toContain('"err":"a text"');
});
