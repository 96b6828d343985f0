import { isAddressEqual, zeroAddress, type Address } from 'viem';

/**
 * Pools by what names them at their factory. A factory never gives one another address, so that one that exists is asked for once; one
 * that does not (the address 0) may be made later, and is asked for again.
 * @returns throws what `ask` throws
 */
export function knownPools<Key extends readonly (string | number)[]>(
  ask: (...key: Key) => Promise<Address>,
): (...key: Key) => Promise<Address> {
  const known = new Map<string, Promise<Address>>();
  return async (...key) => {
    const name = key.join(' ');
    const before = known.get(name);
    if (before !== undefined) return before;
    const asked = ask(...key);
    known.set(name, asked);
    const forget = (): void => void known.delete(name);
    asked.then((pool) => (isAddressEqual(pool, zeroAddress) ? forget() : undefined), forget);
    return asked;
  };
}
