import { describe, expect, test } from '@jest/globals';
import { OperatorError } from '../../src/operator-error.ts';
import { openOutput } from '../../src/cli/output.ts';
import { readBasisPoints, readSeconds, readWhole, readWords } from '../../src/cli/read-argument.ts';
import { quoteLines } from '../../src/cli/commands/quote.ts';
import { Tokens } from '../../src/cli/context.ts';
import { statusLine } from '../../src/cli/follow-order.ts';
import type { JournaledMessage } from '../../src/client/index.ts';

function written(
  isTerminal: boolean,
  json: boolean,
  act: (output: ReturnType<typeof openOutput>) => void,
): string {
  let all = '';
  act(openOutput({ isTerminal, columns: 12, noColor: false, write: (text) => (all += text) }, json));
  return all;
}

describe('the output of a command', () => {
  test('replaces its last line in a terminal, and never lets it wrap', () => {
    const text = written(true, false, (output) => {
      output.status(`${output.paint('red', '████')} more than it holds`);
      output.line('an entry');
      output.status('');
    });
    expect(text).toBe('\u001b[31m████\u001b[39m more t\r\u001b[Kan entry\n');
  });

  test('has neither colours nor a last line elsewhere', () => {
    const text = written(false, false, (output) => {
      output.status('now');
      output.line(output.paint('red', 'an entry'));
    });
    expect(text).toBe('an entry\n');
  });

  test('has no colours in a terminal where NO_COLOR is set', () => {
    let all = '';
    const terminal = { isTerminal: true, columns: 80, noColor: true, write: (text: string) => (all += text) };
    const output = openOutput(terminal, false);
    output.line(output.paint('red', 'an entry'));
    expect(all).toBe('an entry\n');
  });

  test('is one object a line for programs', () => {
    expect(written(true, true, (output) => output.record({ a: 'b\nc' }))).toBe('{"a":"b\\nc"}\n');
  });
});

describe('the line of what happens now', () => {
  const base = {
    orderId: 'a'.repeat(32),
    seq: 3,
    progress: 50,
    timestamp: '2026-11-22T10:00:00.000Z',
    message: 'x',
  };
  const now = Date.parse('2026-11-22T10:00:01.000Z');
  const line = (message: JournaledMessage): string => statusLine(message, (_, text) => text, now);

  test('counts down to the next attempt', () => {
    const error = { code: 'x', message: 'x' };
    const retry = {
      ...base,
      type: 'retry',
      state: 'building.backoff',
      attempt: 1,
      of: 4,
      delayMs: 3_500,
      error,
    } as const;
    const shown = line({ ...retry, retryAt: '2026-11-22T10:00:03.500Z' });
    expect(shown).toBe('███████████████░░░░░░░░░░░░░░░  50 %  attempt 1 of 4 failed; the next one in 2.5 s');
    expect(line({ ...retry, of: null, retryAt: '2026-11-22T10:00:00.500Z' })).toContain(
      'attempt 1 failed; the next one now',
    );
  });

  test('says what the order waits for', () => {
    const waitingFor = { code: 'gas', message: 'The signer has no gas', retryAt: '2026-11-22T10:00:03.000Z' };
    const waiting = { ...base, type: 'routing', state: 'routing.backoff', attempt: 1, waitingFor } as const;
    expect(line(waiting)).toContain('waits: The signer has no gas; looks again in 2.0 s');
  });
});

describe('the value of an option', () => {
  test('is read exactly', () => {
    expect([readSeconds('--valid-for', '90s'), readSeconds('--valid-for', '2h')]).toEqual([90, 7_200]);
    expect([readBasisPoints('--slippage', '0.5'), readBasisPoints('--slippage', '0.29%')]).toEqual([50, 29]);
    expect(readWhole('--limit', '20', 1, 200)).toBe(20);
    expect(readWords('--status', 'failed, pending', ['pending', 'failed'])).toEqual(['failed', 'pending']);
  });

  test.each([
    ['--valid-for 10', () => readSeconds('--valid-for', '10')],
    ['--slippage 0.005', () => readBasisPoints('--slippage', '0.005')],
    ['--limit 0', () => readWhole('--limit', '0', 1, 200)],
    ['--limit 1e2', () => readWhole('--limit', '1e2', 1, 200)],
    ['--status done', () => readWords('--status', 'done', ['pending'])],
  ])('%s is refused, and the error says what was expected', (text, read) => {
    expect(read).toThrow(OperatorError);
    expect(read).toThrow(`${text}: expected`);
  });
});

describe('the lines of a quote', () => {
  const quotes = {
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '1',
    route: {
      venue: 'beta',
      buyAmount: '2986800000',
      minBuyAmount: '2971866000',
      gasCost: '900000',
      gasPriced: true,
      netBuyAmount: '2985900000',
      why: 'It nets the most',
    },
    reason: null,
    quotes: [{ venue: 'beta', buyAmount: '2986800000', gasCost: '0', gasPriced: false, block: null }],
    refusals: [{ venue: 'alpha', code: 'no_liquidity', message: 'too\u001b[2J little' }],
    quotedAt: '2026-11-22T10:00:00.000Z',
    goodUntil: '2026-11-22T10:00:10.000Z',
  };
  const tokens = new Tokens([{ symbol: 'USDC', address: `0x${'12'.repeat(20)}`, decimals: 6 }]);
  const plain = (_: unknown, text: string): string => text;

  test('are in whole tokens, and let no escape sequence of a node through', () => {
    expect(quoteLines(quotes, tokens, plain)).toEqual([
      '2986.8 USDC on beta, at least 2971.866 USDC; gas 0.9 USDC',
      'It nets the most',
      'Good until 2026-11-22T10:00:10.000Z',
      '',
      '✓ beta         2986.8 USDC  gas not priced',
      '  alpha          no_liquidity: too [2J little',
    ]);
  });

  test('say why there is no route', () => {
    const reason = { code: 'no_route', message: 'No venue quoted' };
    expect(quoteLines({ ...quotes, route: null, reason }, tokens, plain)[0]).toBe(
      'No route: no_route: No venue quoted',
    );
  });
});
