/** The address of Redis, read from the forms that the settings allow. */
import { isIP } from 'node:net';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly tls: boolean;
  /** Null: Redis' default user. */
  readonly user: string | null;
  readonly password: string | null;
}

/** One server, which has databases. */
export interface RedisServerAddress extends Access, HostAndPort {
  readonly kind: 'server';
  readonly database: number;
}

/** Some nodes of a Redis Cluster. They name the others. */
export interface RedisClusterAddress extends Access {
  readonly kind: 'cluster';
  readonly nodes: readonly HostAndPort[];
}

/** Sentinels, which name the current master. The password is the servers', and the sentinels' if they ask for one. */
export interface RedisSentinelAddress extends Access {
  readonly kind: 'sentinel';
  readonly sentinels: readonly HostAndPort[];
  readonly master: string;
}

export interface RedisSocketAddress {
  readonly kind: 'socket';
  readonly path: string;
}

export type RedisAddress =
  RedisServerAddress | RedisClusterAddress | RedisSentinelAddress | RedisSocketAddress;

/** The message says what is wrong and what was expected, and never quotes the address, which may hold a password. */
export class InvalidRedisAddress extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidRedisAddress';
  }
}

const FORMS = {
  server: '[user:password@]host[:6379][/database]',
  cluster: '[user:password@]host:port,host:port,…',
  sentinel: '[user:password@]host[:26379],host[:26379],…/master-name',
} as const;
const DEFAULT_PORTS = { server: 6379, cluster: 6379, sentinel: 26379 } as const;
const SCHEMES = 'redis://, redis+cluster://, redis+sentinel://, or the same with rediss for TLS';

/**
 * `redis://host:6379/2`, `redis+cluster://h1:7000,h2:7001`, `redis+sentinel://h1:26379,h2:26379/mymaster`, each with
 * `rediss` for TLS, or the path of a unix socket. User and password are percent-encoded.
 * @throws InvalidRedisAddress
 */
export function readRedisAddress(text: string): RedisAddress {
  if (text.startsWith('/')) return { kind: 'socket', path: text };
  const parts =
    /^(rediss?)(?:\+(cluster|sentinel))?:\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?([?#].*)?$/s.exec(text);
  if (parts === null) throw new InvalidRedisAddress(`its scheme is unknown: expected ${SCHEMES}`);
  const [, scheme, family, userInfo, hosts = '', path = '', rest = ''] = parts;
  const kind = family === 'cluster' || family === 'sentinel' ? family : 'server';
  const refuse = (what: string): never => {
    throw new InvalidRedisAddress(`${what}: expected ${parts[0].split('://', 1).join('')}://${FORMS[kind]}`);
  };
  if (rest !== '') refuse('it has a query or hash');
  const servers = hosts.split(',').map((sent, index, { length }) => {
    const which = length === 1 ? 'its server' : `server ${index + 1} of ${length}`;
    return (
      readHostAndPort(sent, DEFAULT_PORTS[kind]) ??
      refuse(`${which} is not a host with a port from 1 to 65535`)
    );
  });
  const access = {
    tls: scheme === 'rediss',
    ...(readUserInfo(userInfo) ?? refuse('the part before @ is not user:password')),
  };
  switch (kind) {
    case 'server': {
      const [server = refuse('it names no server'), ...others] = servers;
      if (others.length > 0) refuse('it names several servers');
      if (!/^\d{0,5}$/.test(path)) refuse('its database is not a number');
      return { kind, ...server, ...access, database: Number(path) };
    }
    case 'cluster':
      if (path !== '') refuse('it names a database, and a cluster has only one');
      return { kind, nodes: servers, ...access };
    case 'sentinel':
      if (!/^[\w.-]+$/.test(path)) refuse('it does not name one master after the /');
      return { kind, sentinels: servers, master: path, ...access };
  }
}

/** The address without user and password, for logs. */
export function nameOfRedis(address: RedisAddress): string {
  switch (address.kind) {
    case 'socket':
      return address.path;
    case 'server':
      return nameOfServer(address);
    case 'cluster':
      return address.nodes.map(nameOfServer).join(',');
    case 'sentinel':
      return `${address.master} of ${address.sentinels.map(nameOfServer).join(',')}`;
  }
}

function nameOfServer({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function readHostAndPort(text: string, defaultPort: number): HostAndPort | null {
  const parts = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text);
  if (parts === null) return null;
  const [, inBrackets, name, digits] = parts;
  const host = inBrackets ?? name ?? '';
  const port = digits === undefined ? defaultPort : Number(digits);
  const isHost = inBrackets === undefined || isIP(inBrackets) === 6;
  return isHost && port >= 1 && port <= 65_535 ? { host, port } : null;
}

function readUserInfo(text: string | undefined): Pick<Access, 'user' | 'password'> | null {
  if (text === undefined) return { user: null, password: null };
  const colon = text.indexOf(':');
  if (colon === -1 || colon === text.length - 1) return null;
  try {
    const user = decodeURIComponent(text.slice(0, colon));
    return { user: user === '' ? null : user, password: decodeURIComponent(text.slice(colon + 1)) };
  } catch {
    return null;
  }
}
