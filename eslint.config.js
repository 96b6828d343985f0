import { existsSync } from 'node:fs';
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const within = (room, folders) => folders.map((folder) => `${room}/${folder}`);

/**
 * The house: each room with the rooms that it may import from, beside itself, `machines` and the modules for everybody. A folder
 * in a room is a room of its own. `src/app` and `main.ts` put everything together and may import everything.
 */
const ROOMS = {
  'src/abis': [],
  'src/telemetry': [],
  'src/rpc': [],
  'src/sqlite': [],
  'src/protocol': [],
  'src/settings': ['src/protocol'],
  'src/journal': ['src/protocol'],
  'src/inspection': ['src/journal'],
  'src/redis': ['src/settings'],
  'src/queue': ['src/settings'],
  'src/notifications': ['src/protocol', 'src/redis'],

  'src/store': ['src/journal', 'src/protocol'],
  'src/store/sqlite': [
    'src/store',
    'src/sqlite',
    ...within('src/store/sqlite', ['orders', 'ledger', 'limits', 'identity']),
  ],
  'src/store/sqlite/orders': ['src/store', 'src/store/sqlite', 'src/journal'],
  'src/store/sqlite/ledger': ['src/store', 'src/store/sqlite'],
  'src/store/sqlite/limits': ['src/store', 'src/store/sqlite'],
  'src/store/sqlite/identity': ['src/store', 'src/store/sqlite'],
  'src/store/mongo': ['src/store', ...within('src/store/mongo', ['orders', 'ledger', 'limits', 'identity'])],
  'src/store/mongo/orders': ['src/store', 'src/store/mongo', 'src/journal'],
  'src/store/mongo/ledger': ['src/store', 'src/store/mongo'],
  'src/store/mongo/limits': ['src/store', 'src/store/mongo'],
  'src/store/mongo/identity': ['src/store', 'src/store/mongo'],
  'src/move': ['src/store'],

  'src/venues': [],
  'src/venues/routing': ['src/venues'],
  'src/venues/onchain': [
    'src/venues',
    ...within('src/venues/onchain', ['exchanges', 'fills', 'simulation']),
    'src/abis',
    'src/rpc',
  ],
  'src/venues/onchain/exchanges': ['src/venues/onchain', 'src/abis'],
  'src/venues/onchain/fills': ['src/venues/onchain', 'src/venues/onchain/exchanges', 'src/abis', 'src/rpc'],
  'src/venues/onchain/simulation': ['src/venues/onchain', 'src/venues/onchain/exchanges', 'src/abis'],
  'src/venues/simulated': ['src/venues'],

  'src/chain': ['src/rpc'],
  'src/chain/simulated': ['src/chain', 'src/sqlite'],
  'src/chain/evm/node': ['src/chain', 'src/abis', 'src/rpc', 'src/store'],
  'src/chain/evm/signing': [],
  'src/chain/evm/funds': [
    'src/chain/evm',
    ...within('src/chain/evm', ['node', 'signing', 'nonces']),
    'src/abis',
    'src/store',
  ],
  'src/chain/evm/nonces': [
    'src/chain/evm',
    ...within('src/chain/evm', ['node', 'signing', 'funds']),
    'src/rpc',
    'src/store',
  ],
  'src/chain/evm': [
    'src/chain',
    ...within('src/chain/evm', ['node', 'signing', 'funds', 'nonces']),
    'src/abis',
    'src/store',
  ],
  'src/chain/local': ['src/settings'],
  'src/chain/local/deployment': ['src/chain', 'src/chain/local', 'src/abis', 'src/settings'],

  'src/orders': ['src/store', 'src/queue', 'src/telemetry'],
  'src/orders/submission': [
    'src/orders',
    'src/protocol',
    'src/journal',
    'src/store',
    'src/queue',
    'src/settings',
    'src/telemetry',
    'src/venues',
    'src/venues/routing',
  ],
  'src/orders/commands': ['src/orders', 'src/journal', 'src/store', 'src/queue', 'src/telemetry'],
  'src/orders/reading': ['src/protocol', 'src/journal', 'src/inspection', 'src/store', 'src/settings'],
  'src/worker': [
    'src/protocol',
    'src/journal',
    'src/inspection',
    'src/store',
    'src/queue',
    'src/venues',
    'src/venues/routing',
    'src/chain',
  ],

  'src/charts': [],
  'src/identity': ['src/protocol', 'src/store', 'src/settings'],
  'src/edge': ['src/identity', 'src/protocol', 'src/store', 'src/settings'],
  'src/feed/core': ['src/identity', 'src/edge', 'src/protocol', 'src/journal', 'src/store'],
  'src/feed/owner': ['src/feed/core', 'src/edge', 'src/protocol', 'src/journal', 'src/store'],
  'src/feed/socket-io': [
    'src/identity',
    'src/feed/core',
    'src/feed/owner',
    'src/edge',
    'src/protocol',
    'src/redis',
  ],
  'src/feed/websocket': ['src/identity', 'src/feed/core', 'src/edge', 'src/protocol'],
  'src/feed/sse': ['src/identity', 'src/feed/core', 'src/feed/owner', 'src/edge', 'src/protocol'],
  'src/feed': [
    ...within('src/feed', ['core', 'owner', 'socket-io', 'websocket', 'sse']),
    'src/edge',
    'src/identity',
    'src/notifications',
    'src/protocol',
    'src/redis',
    'src/store',
  ],
  'src/http': [
    ...within('src/orders', ['submission', 'commands', 'reading']),
    'src/protocol',
    'src/identity',
    ...within('src/http', ['routes', 'page', 'documents']),
    'src/charts',
    'src/edge',
    'src/telemetry',
  ],
  'src/http/routes': [
    'src/store',
    'src/identity',
    'src/http',
    'src/charts',
    'src/edge',
    ...within('src/orders', ['submission', 'commands', 'reading']),
    'src/protocol',
    'src/telemetry',
  ],
  'src/http/page': ['src/charts', 'src/edge'],
  'src/http/documents': ['src/http', 'src/protocol', 'src/settings'],

  'src/client': ['src/client/transports', 'src/protocol'],
  'src/client/transports': ['src/client', 'src/protocol'],
  'src/top': ['src/client', 'src/protocol', 'src/terminal'],
  'src/stack-process': [],
  'src/terminal': ['src/protocol'],
  'src/cli': ['src/cli/commands', 'src/client', 'src/terminal'],
  'src/cli/commands': ['src/cli', 'src/charts', 'src/client', 'src/terminal'],
  'src/demo': ['src/client', 'src/protocol', 'src/stack-process', 'src/terminal'],
  'src/embedded': ['src/sqlite'],
  'src/embedded/anvil': ['src/embedded'],
  'src/embedded/redis': ['src/embedded'],
};

/** Modules without dependencies of their own that every room may use; `runtime` imports nothing but them. */
const FOR_EVERYBODY = ['src/{errors,crash-points,operator-error}', 'src/runtime/*'];

const zones = Object.entries(ROOMS).map(([room, allowed]) => ({
  target: `./${room}/*.ts`,
  from: ['./src/**/*'],
  // Compared with absolute paths.
  except: [...[room, ...allowed].map((each) => `${each}/*`), ...FOR_EVERYBODY].map((each) => `**/${each}.ts`),
  message: `${room} may import only from ${[...allowed, 'machines'].join(', ')}: dependencies point one way.`,
}));
for (const each of FOR_EVERYBODY) {
  zones.push({
    target: `./${each}.ts`,
    from: ['./src/**/*'],
    except: FOR_EVERYBODY.map((other) => `**/${other}.ts`),
    message: 'What every room may use imports no room.',
  });
}
zones.push({ target: './machines', from: './src', message: 'machines/ knows nothing of src/.' });
zones.push({
  target: './page',
  from: ['./src/**/*'],
  except: ['**/src/protocol/*.ts', '**/src/charts/*.ts'],
  message: 'page/ runs in a browser: of src/ it may import protocol and charts.',
});

export default tseslint.config(
  {
    ignores: [
      'dist',
      'page/dist',
      'node_modules',
      'coverage',
      '.data',
      'examples',
      'scripts/package/use-types.ts',
      'bench/peers/dist',
      // Their packages are installed by `npm run bench -- --peers`. Without them there are no types to check with.
      ...(existsSync(`${import.meta.dirname}/bench/peers/node_modules`) ? [] : ['bench/peers/programs']),
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['machines/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!xstate$|\\.)', message: 'machines/ imports XState and nothing else.' }] },
      ],
    },
  },
  {
    files: ['src/client/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:|/runtime/', message: 'src/client works in a browser, too.' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/settings/config.ts', 'src/main.ts', 'src/top/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'src/settings/config.ts alone reads the environment.',
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'performance',
          'setInterval',
          'clearInterval',
          'setTimeout',
          'fetch',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
