/**
 * A Redis Cluster, as hints see it. Every node passes what is published on to all the others, so that one connection to any
 * node is enough; where that one goes away, the next is tried. ioredis' own `Cluster` keeps none of the promises that
 * `redis-clients.ts` makes: its subscriber notices no half-open connection, and drops a subscription that fails.
 */
import { AbstractConnector, type Redis, type RedisOptions } from 'ioredis';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { z } from 'zod';
import { tlsOptions, type HostAndPort, type RedisTls } from '../redis-address.ts';
import type { Random } from '../time.ts';

/** Goes round the nodes that were named and those that they named. */
export class ClusterNodes {
  readonly #named: readonly HostAndPort[];
  #learned: readonly HostAndPort[] = [];
  #next: number;

  constructor(named: readonly HostAndPort[], random: Random) {
    this.#named = named;
    this.#next = Math.floor(random() * named.length);
  }

  next(): HostAndPort {
    const all = [...this.#named, ...this.#learned];
    const node = all[this.#next % all.length];
    if (node === undefined) throw new Error('a cluster was named without a node: expected at least one');
    this.#next = (this.#next + 1) % all.length;
    return node;
  }

  learn(nodes: readonly HostAndPort[]): void {
    const byName = new Map(nodes.map((node) => [`${node.host} ${node.port}`, node]));
    for (const { host, port } of this.#named) byName.delete(`${host} ${port}`);
    this.#learned = [...byName.values()];
  }
}

/** How ioredis comes to its next connection. @param tls null: none */
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

/** Ranges of slots: each is a list of its ends and its nodes, of which one that does not know its own host has none. */
const slotsSchema = z.array(z.array(z.unknown()));
const nodeSchema = z.tuple([z.string().min(1), z.number()]).rest(z.unknown());

/** Never rejects: whoever cannot be asked is asked on the next connection. */
export async function learnNodes(redis: Redis, nodes: ClusterNodes): Promise<void> {
  const answer: unknown = await redis.cluster('SLOTS').catch(() => null);
  const slots = slotsSchema.safeParse(answer);
  if (!slots.success) return;
  const learned = slots.data.flat().flatMap((sent) => {
    const node = nodeSchema.safeParse(sent);
    return node.success ? [{ host: node.data[0], port: node.data[1] }] : [];
  });
  nodes.learn(learned);
}
