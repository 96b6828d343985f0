/** Keys of providers in their addresses: what they answer, and what is said of a setting, must not carry them on. */

/** Shorter segments of a path, as "v3" or "eth-mainnet", and shorter values are no keys: hiding them would damage the text. */
const LEAST_OF_A_KEY = 16;
const LEAST_OF_A_PASSWORD = 6;

/** @returns a function that replaces, in a text, what may be a user name, password or key of the address by `…` */
export function hideSecretsOf(address: string): (text: string) => string {
  const url = new URL(address);
  const keys = [...url.pathname.split('/'), ...url.searchParams.values()];
  const secrets = [
    ...keys.filter((key) => key.length >= LEAST_OF_A_KEY),
    ...[url.username, url.password].filter((part) => part.length >= LEAST_OF_A_PASSWORD),
  ]
    .flatMap((secret) => [secret, decoded(secret)])
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

/** An address that may be malformed, for the error that says so: its scheme and, of what follows, as little as may be shown. */
export function addressForErrors(address: string): string {
  return address.replace(/^([a-z+]*:\/*)?.*@/is, '$1…@').replace(/[?#].*$/s, '?…');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
