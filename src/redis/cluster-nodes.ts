/**
 * A Redis Cluster, as notifications need it. Every node forwards what is published to all the others, so one connection to any node
 * is enough; when it fails, the next node is tried. ioredis' own `Cluster` does not do what `redis-clients.ts` promises: its
 * subscriber does not notice a half-open connection, and drops a subscription that fails.
 */
import { AbstractConnector, type Redis, type RedisOptions } from 'ioredis';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { z } from 'zod';
import type { HostAndPort } from '../settings/redis-address.ts';
import { tlsOptions, type RedisTls } from '../settings/redis-tls.ts';
import type { Random } from '../runtime/time.ts';

/** Round robin over the nodes that were configured and those that the cluster named. */
export class ClusterNodes {
  readonly #named: readonly HostAndPort[];
  #discovered: readonly HostAndPort[] = [];
  #next: number;

  constructor(named: readonly HostAndPort[], random: Random) {
    this.#named = named;
    this.#next = Math.floor(random() * named.length);
  }

  get hasOthers(): boolean {
    return this.#named.length + this.#discovered.length > 1;
  }

  next(): HostAndPort {
    const all = [...this.#named, ...this.#discovered];
    const node = all[this.#next % all.length];
    if (node === undefined) throw new Error('a cluster address names no node: expected at least one');
    this.#next = (this.#next + 1) % all.length;
    return node;
  }

  addDiscovered(nodes: readonly HostAndPort[]): void {
    const byName = new Map(nodes.map((node) => [`${node.host} ${node.port}`, node]));
    for (const { host, port } of this.#named) byName.delete(`${host} ${port}`);
    this.#discovered = [...byName.values()];
  }
}

/** How ioredis makes its next connection. @param tls null: none */
export function connectorTo(
  nodes: ClusterNodes,
  tls: RedisTls | null,
  disconnectWithinMs: number,
): NonNullable<RedisOptions['Connector']> {
  return class extends AbstractConnector {
    constructor() {
      super(disconnectWithinMs);
    }

    override connect(): ReturnType<AbstractConnector['connect']> {
      this.connecting = true;
      const { host, port } = nodes.next();
      const stream =
        tls === null
          ? createConnection({ host, port })
          : connectTls({ host, port, ...tlsOptions(host, tls) });
      stream.once('error', (error: Error) => (this.firstError = error));
      this.stream = stream;
      return Promise.resolve(stream);
    }
  };
}

/** Ranges of slots: each lists its first and last slot and its nodes. A node that does not know its own host gives none. */
const slotsSchema = z.array(z.array(z.unknown()));
const nodeSchema = z.tuple([z.string().min(1), z.number()]).rest(z.unknown());

const ASK_EVERY_MS = 2_000;

/**
 * Asks the connected node for the others every two seconds, and leaves one that was taken out of the cluster: it answers as
 * before, but no longer forwards what is published.
 */
export function discoverNodes(redis: Redis, nodes: ClusterNodes): void {
  const ask = async (): Promise<void> => {
    const answer: unknown = await redis.cluster('SLOTS').catch(() => null);
    const slots = slotsSchema.safeParse(answer);
    if (!slots.success) return;
    if (slots.data.length === 0 && nodes.hasOthers) redis.disconnect(true);
    else nodes.addDiscovered(slots.data.flat().flatMap(readNode));
  };
  let timer: NodeJS.Timeout | undefined;
  redis.on('ready', () => {
    void ask();
    timer = setInterval(() => void ask(), ASK_EVERY_MS);
  });
  redis.on('close', () => clearInterval(timer));
}

function readNode(sent: unknown): readonly HostAndPort[] {
  const node = nodeSchema.safeParse(sent);
  return node.success ? [{ host: node.data[0], port: node.data[1] }] : [];
}
