/** Each code that the code gives an order, a hold or a fill is in errors.md, with what to do; troubleshooting.md names codes as they are. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES, ERRORS, type ErrorCode } from '../../src/errors.ts';

const ROOMS = ['machines', 'src/worker', 'src/venues', 'src/chain', 'src/app/adapters'];
/** `code: 'no_route'`, `new EffectError('retry', 'slippage', …`, `const SIGNER_HALTED = 'signer_halted'`. */
const GIVEN = /\bcode: '(\w+)'|EffectError\(\s*'\w+',\s*'(\w+)'|\bconst [A-Z_]+ = '([a-z]+_[a-z_]+)';/g;
/** What a message says of an entry that has no reason, which no release writes. */
const NEVER_WRITTEN = 'unknown';

const sources = ROOMS.flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(room, file), 'utf8')),
);
const given = new Set(
  sources.flatMap((text) =>
    [...text.matchAll(GIVEN)].map(([, field, failure, constant]) => field ?? failure ?? constant ?? ''),
  ),
);

/** The codes of the first column of each table, with the last one. */
function rowsOf(file: string): readonly (readonly [code: string, whatToDo: string])[] {
  return [...readFileSync(file, 'utf8').matchAll(/^\| (`.*?) +\|.*\| *([^|]*?) *\|$/gm)].flatMap(
    ([, codes = '', whatToDo = '']) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, whatToDo] as const),
  );
}

describe('errors.md', () => {
  const rows = new Map(rowsOf('docs/reference/errors.md'));

  test('has each code that the code gives', () => {
    expect(given.size).toBeGreaterThan(30);
    expect([...given].filter((code) => code !== NEVER_WRITTEN && !rows.has(code))).toEqual([]);
    expect(ERROR_CODES.filter((code) => !rows.has(code))).toEqual([]);
  });

  test('says of each code what to do', () => {
    expect([...rows].filter(([, whatToDo]) => whatToDo === '')).toEqual([]);
  });
});

describe('troubleshooting.md', () => {
  const text = readFileSync('docs/troubleshooting.md', 'utf8');
  const isError = (code: string): code is ErrorCode => ERROR_CODES.some((each) => each === code);

  test('gives each error its own status and close code', () => {
    const named = [...text.matchAll(/^\| (close code )?(\d{3,4}),? `([a-z_]+)`/gm)].flatMap(
      ([, close, number, code = '']) => (isError(code) ? [{ close, number: Number(number), code }] : []),
    );
    expect(named.length).toBeGreaterThan(5);
    for (const { close, number, code } of named)
      expect([code, number]).toEqual([
        code,
        close === undefined ? ERRORS[code].status : ERRORS[code].closeCode,
      ]);
  });

  test('names no code that the code does not give', () => {
    const waits = [...text.matchAll(/`waitingFor` with `([a-z_]+)`/g)].map(([, code = '']) => code);
    expect(waits.length).toBeGreaterThan(2);
    const documented = new Map(rowsOf('docs/reference/errors.md'));
    expect(waits.filter((code) => !documented.has(code))).toEqual([]);
  });
});
