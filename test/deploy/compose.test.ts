/** Checks docker-compose.yml as YAML. No test runs Docker: see docs/how-to/deploy.md. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
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

describe('what the services run', () => {
  /** Of `src/main.ts`, which starts at its import. */
  const commands = [...readFileSync('src/main.ts', 'utf8').matchAll(/^ {4}name: '([\w-]+)'/gm)].map(
    ([, name]) => name,
  );

  test('is a command of the image', () => {
    expect(commands).toContain('start');
    const run = each.filter(([, { image }]) => image === 'fillstream');
    expect(run.map(([name]) => name)).toEqual(['api', 'worker', 'chain']);
    for (const [, { command, build }] of run) {
      expect([build, command?.length]).toEqual(['.', 1]);
      expect(commands).toContain(command?.[0]);
    }
  });

  test('is reached by the balancer at the port of the api', () => {
    const { PORT } = readConfig(environmentOf('api'));
    expect(readFileSync('deploy/haproxy.cfg', 'utf8')).toMatch(new RegExp(`\\bapi:${PORT}\\b`));
    expect(services.balancer.volumes.map((volume) => volume.split(':')[0])).toEqual(['./deploy/haproxy.cfg']);
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const [build = '', final = ''] = dockerfile.split(/^(?=FROM )/m).slice(1);
  const copiesOf = (stage: string, what: RegExp): string[] =>
    [...stage.matchAll(what)].flatMap(([, files]) => files?.split(' ') ?? []);

  test('builds on images of one major version', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases).toEqual(['node:24-bookworm', 'node:24-bookworm-slim']);
  });

  test('runs Node itself, as an unprivileged user, and listens beyond the container', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "dist\/src\/main\.js"\]$/m);
    expect(dockerfile).toMatch(/^ENV .*HOST=0\.0\.0\.0/m);
  });

  test('copies only what .dockerignore lets through', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toContain('*');
    const copied = copiesOf(dockerfile, /^COPY (?!--from)(.+) \S+$/gm);
    expect(copied.sort()).toEqual(
      ignored
        .filter((line) => line.startsWith('!'))
        .map((line) => line.slice(1))
        .sort(),
    );
  });

  test('copies files that are in the repository', () => {
    const tracked = spawnSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).stdout.split('\0');
    const copied = copiesOf(build, /^COPY (.+) \S+$/gm);
    expect(copied).toContain('src');
    expect(
      copied.filter((path) => !tracked.some((file) => file === path || file.startsWith(`${path}/`))),
    ).toEqual([]);
  });

  test('builds by a script that exists, from all that the build reads, and takes along what it makes', () => {
    const { scripts, bin } = z
      .object({ scripts: z.record(z.string(), z.string()), bin: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(build).toContain('RUN npm run build');
    const named = [...(scripts['build'] ?? '').matchAll(/(?:-p|tsx) (\S+)/g)].map(([, file = '']) => file);
    expect(named).toEqual(['tsconfig.build.json', 'scripts/page/build.ts']);
    const copied = copiesOf(build, /^COPY (.+) \S+$/gm);
    for (const file of named) expect(copied.filter((path) => file.startsWith(path))).not.toEqual([]);
    expect(copiesOf(final, /^COPY --from=build (.+) \S+$/gm)).toEqual([
      '/app/package.json',
      '/app/node_modules',
      '/app/dist',
    ]);
    expect(bin['fillstream']).toBe('dist/src/main.js');
  });
});
