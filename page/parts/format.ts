/** Texts for people: amounts, times, names of events. */
import { parseAmount, printWholeTokens } from '../../machines/amount.ts';
import { tokenOf } from '../api/chain.ts';

/** `0.44`; base units as they are where the token's decimals are not known. */
export function amountText(amount: string, token: string): string {
  const decimals = tokenOf(token)?.decimals;
  if (decimals === undefined) return amount;
  return withSeparators(printWholeTokens(parseAmount(amount), decimals));
}

/** A symbol for an address that the server knows; else the address, shortened. */
export function tokenName(token: string): string {
  return tokenOf(token)?.symbol ?? shortHex(token);
}

/** `0x39e452…9ec4` */
export function shortHex(text: string): string {
  return /^0x[0-9a-f]{16,}$/i.test(text) ? `${text.slice(0, 8)}…${text.slice(-4)}` : text;
}

export function shortId(orderId: string): string {
  return orderId.slice(0, 8);
}

/** Messages of the server name base units and addresses: people read whole tokens, symbols and short hashes. */
export function readable(text: string): string {
  return text
    .replace(
      /\b(\d+) (?:base units of )?(0x[0-9a-f]{40}|[A-Za-z][A-Za-z0-9.]{1,19})\b/gi,
      (whole, amount: string, name: string) =>
        tokenOf(name) === undefined ? whole : `${amountText(amount, name)} ${tokenName(name)}`,
    )
    .replace(/0x[0-9a-f]{40,}\b/gi, (hex) => tokenName(hex));
}

/** `320 ms`, `4.2 s`, `1 m 20 s`, `2 h 5 m`, `3 d 4 h` */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 10) / 100).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** Without fractions, for what changes each second: `4 s`, `3 m`, `2 h`, `5 d`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** XState's event types in words: `xstate.done.actor.quote` as `quote done`. */
export function eventText(type: string): string {
  if (type === 'xstate.init') return 'accepted';
  const settled = /^xstate\.(done|error)\.(?:actor|state)\.(?:.*\.)?([^.]+)$/.exec(type);
  if (settled !== null) return `${words(settled[2] ?? '')} ${settled[1] === 'done' ? 'done' : 'failed'}`;
  const after = /^xstate\.after\.([^.]+)\./.exec(type)?.[1];
  if (after !== undefined) return `timer: ${words(after)}`;
  return type;
}

/** `selectRoute` as `select route`. */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

function withSeparators(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
