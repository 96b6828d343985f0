/** How many connections an owner and an address may have open on this server. */
import { FillstreamError } from '../../errors.ts';

export interface ConnectionLimits {
  /** 0: no limit. */
  readonly maxConnectionsPerOwner: number;
  readonly maxConnectionsPerAddress: number;
}

export class ConnectionCaps {
  readonly #limits: ConnectionLimits;
  readonly #owners = new Map<string, number>();
  readonly #addresses = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /**
   * @returns to be called when the connection has closed; a repetition does nothing
   * @throws FillstreamError too_many_connections
   */
  admit(owner: string, address: string): () => void {
    const { maxConnectionsPerOwner, maxConnectionsPerAddress } = this.#limits;
    refuseMoreThan(maxConnectionsPerOwner, this.#owners.get(owner) ?? 0, 'owner');
    refuseMoreThan(maxConnectionsPerAddress, this.#addresses.get(address) ?? 0, 'address');
    add(this.#owners, owner, 1);
    add(this.#addresses, address, 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      add(this.#owners, owner, -1);
      add(this.#addresses, address, -1);
    };
  }
}

function refuseMoreThan(most: number, open: number, whose: string): void {
  if (most === 0 || open < most) return;
  throw new FillstreamError(
    'too_many_connections',
    `This ${whose} has ${open} connections open on this server, which is the most`,
    { retryAfterSeconds: 5 },
  );
}

function add(counts: Map<string, number>, name: string, change: number): void {
  const count = (counts.get(name) ?? 0) + change;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}
