/** A real master with a real replica, and a real sentinel that changes their roles half a second after the master's death. */
import { eventually } from '../eventually.ts';
import { freePorts, RedisProcess, type RedisProcessOptions } from './redis-process.ts';

const PASSWORD = 'guarded';

export class RedisSentinel {
  readonly #servers: readonly [RedisProcess, RedisProcess];
  readonly #sentinel: RedisProcess;

  private constructor(servers: readonly [RedisProcess, RedisProcess], sentinel: RedisProcess) {
    this.#servers = servers;
    this.#sentinel = sentinel;
  }

  /** @param options for servers and sentinel alike, beside their password */
  static async start({ settings: more = [], access: how }: RedisProcessOptions = {}): Promise<RedisSentinel> {
    const [first = 0, second = 0, third = 0] = await freePorts(3);
    const access = { ...how, password: PASSWORD };
    const settings = [
      ...more,
      `requirepass ${PASSWORD}`,
      `masterauth ${PASSWORD}`,
      'repl-diskless-sync-delay 0',
    ];
    const master = new RedisProcess({ port: first, settings, access });
    const replica = new RedisProcess({
      port: second,
      settings: [...settings, `replicaof 127.0.0.1 ${first}`],
      access,
    });
    const watch = [
      ...more,
      `sentinel monitor mymaster 127.0.0.1 ${first} 1`,
      `sentinel auth-pass mymaster ${PASSWORD}`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ];
    const sentinel = new RedisProcess({
      port: third,
      settings: watch,
      isSentinel: true,
      ...(how && { access: how }),
    });
    await master.start();
    await replica.start();
    // Before the sentinel looks: it looks every ten seconds.
    await eventually(
      async () => String(await replica.command('ROLE')),
      (role) => role.includes('connected'),
    );
    await sentinel.start();
    const started = new RedisSentinel([master, replica], sentinel);
    await eventually(
      async () => String(await sentinel.command('SENTINEL', 'REPLICAS', 'mymaster')),
      (told) => told.includes(`127.0.0.1:${second}`) && told.includes('master-link-status,ok'),
    );
    return started;
  }

  /** @param scheme `redis+sentinel` or `rediss+sentinel` */
  url(scheme = 'redis+sentinel'): string {
    return `${scheme}://:${PASSWORD}@${this.#sentinel.address}/mymaster`;
  }

  async master(): Promise<RedisProcess> {
    const told = await this.#sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster');
    const port = Array.isArray(told) ? Number(told[1]) : NaN;
    const master = this.#servers.find((server) => server.port === port);
    if (master === undefined) throw new Error(`the sentinel names an unknown master: ${String(told)}`);
    return master;
  }

  /** Kills the master, and resolves when another has its place. */
  async failOver(): Promise<void> {
    const old = await this.master();
    await old.kill();
    await eventually(
      async () => {
        const master = await this.master();
        return master !== old && String(await master.command('ROLE')).startsWith('master');
      },
      (changed) => changed,
    );
  }

  async remove(): Promise<void> {
    await Promise.all([this.#sentinel, ...this.#servers].map((process) => process.remove()));
  }
}
