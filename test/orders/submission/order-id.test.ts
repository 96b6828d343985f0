import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { orderIdOf, requestHashOf } from '../../../src/orders/submission/order-id.ts';
import { orderIdSchema } from '../../../src/protocol/fields.ts';

describe('the order id', () => {
  test('is the first 160 bits of SHA-256 over owner and key, in base32', () => {
    const digest = createHash('sha256').update('5:local:key-1').digest().subarray(0, 20);
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const expected = (bits.match(/.{5}/g) ?? [])
      .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five, 2)])
      .join('');
    expect(orderIdOf('local', 'key-1')).toBe(expected);
  });

  test('is a valid order id for any owner and key', () => {
    for (const [owner, key] of [
      ['', 'k'],
      ['ö', '~'.repeat(255)],
      ['local', '"6f1e"'],
    ] as const) {
      expect(orderIdSchema.safeParse(orderIdOf(owner, key)).success).toBe(true);
    }
  });

  test('differs for owners and keys that are equal when joined', () => {
    expect(orderIdOf('a', 'bc')).not.toBe(orderIdOf('ab', 'c'));
    expect(orderIdOf('a', ':b')).not.toBe(orderIdOf('a:', 'b'));
  });
});

describe('the request hash', () => {
  test('is the same for the same JSON in another order and spacing', () => {
    const one: unknown = JSON.parse('{"sellToken":"WETH","slippageBps":50,"nested":{"a":1,"b":2}}');
    const other: unknown = JSON.parse(
      '{ "nested": {"b":2, "a":1}, "slippageBps": 50.0, "sellToken":"W\\u0045TH" }',
    );
    expect(requestHashOf(one)).toBe(requestHashOf(other));
  });

  test('is the hash of the canonical JSON', () => {
    expect(requestHashOf({ b: 1, a: '2' })).toBe(
      createHash('sha256').update('{"a":"2","b":1}').digest('hex'),
    );
  });

  test('differs when a default is spelled out instead of left out', () => {
    expect(requestHashOf({ slippageBps: 50 })).not.toBe(requestHashOf({}));
  });
});
