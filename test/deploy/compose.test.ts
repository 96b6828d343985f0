/** Checks docker-compose.yml as YAML. No test runs Docker: see docs/how-to/deploy.md. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig, SETTING_NAMES } from '../../src/settings/config.ts';

const STOPS_WITHIN_S = 10;

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({
    test: z.array(z.string()).min(2),
    interval: z.string(),
    timeout: z.string(),
    retries: z.number(),
  }),
  stop_grace_period: z.string().regex(/^\d+s$/),
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
});
const text = readFileSync('docker-compose.yml', 'utf8');
const { services, volumes } = z
  .object({
    services: z.object({
      balancer: serviceSchema,
      api: serviceSchema,
      worker: serviceSchema,
      chain: serviceSchema,
      redis: serviceSchema,
      mongo: serviceSchema,
    }),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(text, { merge: true }));
const each = Object.entries(services);
/** As Docker fills them in when no variable is set. */
const environmentOf = (role: 'api' | 'worker' | 'chain'): Record<string, string> =>
  Object.fromEntries(
    Object.entries(services[role].environment ?? {}).map(([name, value]) => [
      name,
      String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
    ]),
  );

describe('docker-compose.yml', () => {
  test('publishes one port, on loopback', () => {
    expect(each.flatMap(([, { ports }]) => ports)).toEqual(['127.0.0.1:${PORT:-3000}:3000']);
    expect(text).not.toMatch(/network_mode|docker\.sock|privileged: true/);
  });

  test('looks after the health of every service, and starts each after those that it needs', () => {
    const needs = each.map(([name, { depends_on }]) => [name, Object.keys(depends_on)]);
    expect(Object.fromEntries(needs)).toEqual({
      balancer: ['api'],
      api: ['mongo', 'redis', 'chain'],
      worker: ['mongo', 'redis', 'chain'],
      chain: [],
      redis: [],
      mongo: [],
    });
    const conditions = each.flatMap(([, { depends_on }]) => Object.values(depends_on));
    expect(new Set(conditions.map(({ condition }) => condition))).toEqual(new Set(['service_healthy']));
  });

  test.each(['api', 'worker'] as const)('gives the %s settings that it knows and can use', (role) => {
    const environment = environmentOf(role);
    expect(Object.keys(environment).filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    expect(readConfig(environment)).toMatchObject({ DATA_DIR: '/data' });
    const { PORT, HEALTH_PORT } = readConfig(environment);
    const port = role === 'api' ? PORT : HEALTH_PORT;
    expect(services[role].healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${port}/ready`);
  });

  test('swaps on the private chain of the service chain unless another one is named', () => {
    const { PORT, DATA_DIR } = readConfig(environmentOf('chain'));
    for (const role of ['api', 'worker'] as const) {
      const { EXECUTION, RPC_URL } = readConfig(environmentOf(role));
      expect([EXECUTION, RPC_URL]).toEqual(['chain', `http://chain:${PORT}`]);
    }
    expect(services.chain.command).toEqual(['chain']);
    expect(services.chain.healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${PORT}`);
    // Where the command writes the files is where the others read them.
    expect(services.chain.volumes).toEqual([
      `private-chain:${DATA_DIR}`,
      `market:${DATA_DIR}/market`,
      `keys:${DATA_DIR}/keys`,
    ]);
    const { CHAIN_FILE, SIGNER_KEYS_FILE } = readConfig(environmentOf('worker'));
    expect([CHAIN_FILE, SIGNER_KEYS_FILE]).toEqual([
      '/chain/market/chain-file.json',
      '/chain/keys/signer-keys',
    ]);
  });

  test('shows the keys of the private chain to workers alone', () => {
    expect(services.api.volumes).toEqual(['market:/chain/market:ro']);
    const withKeys = each.filter(([, { volumes }]) => volumes.some((volume) => volume.startsWith('keys:')));
    expect(withKeys.map(([name]) => name)).toEqual(['worker', 'chain']);
  });

  test('takes only settings from around it', () => {
    const names = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect(names.filter((name) => !SETTING_NAMES.includes(name ?? ''))).toEqual([]);
  });

  test('lets a worker hand its orders over before it is killed', () => {
    expect(Number.parseInt(services.worker.stop_grace_period)).toBeGreaterThan(STOPS_WITHIN_S);
    expect(Number.parseInt(services.api.stop_grace_period)).toBeGreaterThan(5);
  });

  test('names images by a major version at least', () => {
    for (const [, { image, build }] of each) if (build === undefined) expect(image).toMatch(/^[a-z]+:\d/);
  });

  test('has no secrets in it', () => {
    expect(text).not.toMatch(/password|secret|token|:\/\/[^/\s'"]*@/i);
  });

  test('keeps what must not be lost in volumes, the simulated chain in one for all workers', () => {
    expect(Object.keys(volumes)).toEqual(['orders', 'simulated-chain', 'private-chain', 'market', 'keys']);
    expect(services.mongo.volumes).toEqual(['orders:/data/db']);
    expect(services.worker.volumes).toEqual([
      'simulated-chain:/data',
      'market:/chain/market:ro',
      'keys:/chain/keys:ro',
    ]);
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');

  test('builds on images of one major version', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases).toEqual(['node:22-bookworm', 'node:22-bookworm-slim']);
  });

  test('runs Node itself, as an unprivileged user, and listens beyond the container', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "dist\/src\/main\.js"\]$/m);
    expect(dockerfile).toMatch(/^ENV .*HOST=0\.0\.0\.0/m);
  });

  test('copies only what .dockerignore lets through', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toContain('*');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, files]) => files?.split(' ') ?? [],
    );
    expect(copied.sort()).toEqual(
      ignored
        .filter((line) => line.startsWith('!'))
        .map((line) => line.slice(1))
        .sort(),
    );
  });
});
