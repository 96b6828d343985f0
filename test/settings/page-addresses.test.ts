/** ALLOWED_ORIGINS and PUBLIC_URL: what browsers can send is normalised, anything else stops the start. */
import { describe, expect, test } from '@jest/globals';
import { InvalidSettings, readConfig } from '../../src/settings/config.ts';

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (thrown) {
    if (thrown instanceof InvalidSettings) return thrown.message;
    throw thrown;
  }
  throw new Error('these settings were accepted');
}

describe('ALLOWED_ORIGINS', () => {
  test.each([
    ['https://app.example', 'https://app.example'],
    ['https://App.Example/', 'https://app.example'],
    ['HTTPS://app.example:443', 'https://app.example'],
    ['http://app.example:80/', 'http://app.example'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
    ['capacitor://localhost', 'capacitor://localhost'],
  ])('%s is read as a browser sends it', (text, origin) => {
    expect(readConfig({ ALLOWED_ORIGINS: text }).ALLOWED_ORIGINS).toEqual([origin]);
  });

  test.each([
    ['*', /\* is not supported: expected origins like https:\/\/app\.example, each by name/],
    ['null', /null is the origin of every sandboxed page/],
    ['app.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['//app.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https:app.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https://', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https://app.example:99999', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https://*.app.example', /\* in a host is not supported/],
    ['https://app.example/shop', /it has a path/],
    ['https://app.example?', /it has a query or hash/],
    ['https://app.example#top', /it has a query or hash/],
    ['https://me:secret@app.example', /it has credentials/],
    ['wss://app.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['file:///', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https://a.example https://b.example', /it is not http:\/\/ or https:\/\/ and a host/],
  ])('%s, which no page can send, is refused with what was expected', (text, message) => {
    expect(refusal({ ALLOWED_ORIGINS: text })).toMatch(message);
    expect(refusal({ ALLOWED_ORIGINS: text })).not.toContain('secret');
  });

  test('names the entry that is wrong', () => {
    expect(refusal({ ALLOWED_ORIGINS: 'https://a.example, b.example' })).toMatch(
      /ALLOWED_ORIGINS is "https:\/\/a\.example, b\.example": entry 2: it is not/,
    );
  });
});

describe('PUBLIC_URL', () => {
  test.each([
    ['https://orders.example', 'https://orders.example'],
    ['https://Orders.Example:443/', 'https://orders.example'],
    ['https://orders.example/Prefix/', 'https://orders.example/Prefix'],
    ['http://orders.example:8080/a/b//', 'http://orders.example:8080/a/b'],
  ])('%s is read as %s', (text, url) => {
    expect(readConfig({ PUBLIC_URL: text }).PUBLIC_URL).toBe(url);
  });

  test.each([
    ['orders.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['wss://orders.example', /it is not http:\/\/ or https:\/\/ and a host/],
    ['https://orders.example/?a=1', /it has a query or hash/],
    ['https://orders.example/#a', /it has a query or hash/],
    ['https://me:secret@orders.example', /it has credentials/],
  ])('%s is refused with what was expected', (text, message) => {
    expect(refusal({ PUBLIC_URL: text })).toMatch(message);
    expect(refusal({ PUBLIC_URL: text })).toMatch(
      /expected http:\/\/ or https:\/\/, a host and at most a path/,
    );
    expect(refusal({ PUBLIC_URL: text })).not.toContain('secret');
  });
});
