import { describe, expect, test } from '@jest/globals';
import { parseJson, RepeatedName } from '../../src/runtime/strict-json.ts';
import { mulberry } from '../support/seeded-random.ts';

function refusal(text: string): RepeatedName {
  try {
    parseJson(text);
  } catch (thrown) {
    if (thrown instanceof RepeatedName) return thrown;
    throw thrown;
  }
  throw new Error('the text was accepted');
}

describe('strict JSON refuses a name that is given twice', () => {
  test.each([
    ['at the top', '{"a":1,"a":2}', '/a'],
    ['with the same value', '{"a":1,"b":2,"a":1}', '/a'],
    ['with space around it', ' { "a" : 1 , "a" : 2 } ', '/a'],
    ['in an object in an object', '{"a":{"b":1,"b":2}}', '/a/b'],
    ['in an object in an array', '[1,{},{"b":1,"c":[2,3],"b":2}]', '/2/b'],
    ['after an object and an array', '{"a":{"x":[1,2]},"b":[{"a":1}],"a":3}', '/a'],
    ['with an escape in one of them', String.raw`{"a":1,"\u0061":2}`, '/a'],
    ['with a quote in it', String.raw`{"a\"b":1,"a\"b":2}`, '/a"b'],
    ['with a backslash at its end', String.raw`{"a\\":1,"a\\":2}`, '/a\\'],
    ['empty', '{"":1,"":2}', '/'],
    ['with a slash and a tilde', '{"a/b~":1,"a/b~":2}', '/a~1b~0'],
    ['of the prototype', '{"__proto__":1,"__proto__":2}', '/__proto__'],
  ])('%s', (_where, text, pointer) => {
    expect(refusal(text).pointer).toBe(pointer);
  });

  test('and names it', () => {
    expect(refusal('{"sellAmount":"1","sellAmount":"2"}').message).toBe(
      'the name "sellAmount" is given twice, expected once',
    );
  });
});

describe('strict JSON accepts', () => {
  test.each([
    ['one name in two objects', '[{"a":1},{"a":2}]'],
    ['a name inside of its own object', '{"a":{"a":{"a":1}}}'],
    ['a name that is a value, too', '{"a":"a","b":"a"}'],
    ['names that differ in case', '{"a":1,"A":2}'],
    ['text that looks like names', String.raw`{"a":"\"b\":1,\"b\":2,{[","b":"}]"}`],
    ['names of the prototype once', '{"__proto__":1,"constructor":2,"toString":3}'],
    ['no object', '["a","a",1,null,true]'],
    ['text alone', '"a"'],
  ])('%s', (_what, text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test('8,000 arrays in each other', () => {
    expect(Array.isArray(parseJson(`${'['.repeat(8_000)}${']'.repeat(8_000)}`))).toBe(true);
  });

  test('whatever JSON.stringify writes (seeds 1 to 200)', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const value = drawValue(mulberry(seed), 4);
      const text = JSON.stringify(value, null, seed % 3);
      if (JSON.stringify(parseJson(text)) !== JSON.stringify(value)) throw new Error(`seed ${seed}: ${text}`);
    }
  });
});

test('text that is not JSON is refused as by JSON.parse', () => {
  expect(() => parseJson('{"a":1,}')).toThrow(SyntaxError);
});

const PIECES = ['a', '"', '\\', '{', '}', '[', ']', ':', ',', ' ', 'ü', '\n', '\u0000'];

function drawValue(random: () => number, depth: number): unknown {
  const pick = (below: number): number => Math.floor(random() * below);
  const text = (): string => Array.from({ length: pick(6) }, () => PIECES[pick(PIECES.length)]).join('');
  switch (pick(depth === 0 ? 2 : 4)) {
    case 0:
      return pick(1_000);
    case 1:
      return text();
    case 2:
      return Array.from({ length: pick(4) }, () => drawValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: pick(4) }, () => [text(), drawValue(random, depth - 1)]),
      );
  }
}
