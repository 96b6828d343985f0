/** A real Redis Cluster: three masters that share the reservations, and no replicas. */
import { eventually } from '../eventually.ts';
import { freePorts, RedisProcess, type RedisProcessOptions } from './redis-process.ts';

const RANGES = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const;

export class RedisCluster {
  readonly nodes: readonly RedisProcess[];

  private constructor(nodes: readonly RedisProcess[]) {
    this.nodes = nodes;
  }

  static async start({ settings = [], access }: RedisProcessOptions = {}): Promise<RedisCluster> {
    const ports = await freePorts(2 * RANGES.length);
    const nodes = RANGES.map((_, index) => {
      const port = ports[2 * index] ?? 0;
      const busPort = ports[2 * index + 1] ?? 0;
      const own = ['cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 1000'];
      return {
        busPort,
        node: new RedisProcess({ port, settings: [...settings, ...own], ...(access && { access }) }),
      };
    });
    const [first] = nodes;
    if (first === undefined) throw new Error('expected three nodes');
    await Promise.all(nodes.map(({ node }) => node.start()));
    for (const [index, { node, busPort }] of nodes.entries()) {
      await node.command('CLUSTER', 'ADDSLOTSRANGE', ...(RANGES[index] ?? []));
      if (node !== first.node) await first.node.command('CLUSTER', 'MEET', '127.0.0.1', node.port, busPort);
    }
    const cluster = new RedisCluster(nodes.map(({ node }) => node));
    await cluster.isWhole();
    return cluster;
  }

  /** @param scheme `redis+cluster` or `rediss+cluster` @param userInfo with its `@` */
  url(scheme = 'redis+cluster', userInfo = '', nodes = this.nodes): string {
    return `${scheme}://${userInfo}${nodes.map(({ address }) => address).join(',')}`;
  }

  async isWhole(): Promise<void> {
    for (const node of this.nodes) {
      await eventually(
        async () => String(await node.command('CLUSTER', 'INFO')),
        (info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'),
      );
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}
