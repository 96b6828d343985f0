import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The house's one-way rule. Each room may import only from the rooms named here (and from itself); src/compose
 * and main.ts alone may import everything.
 */
const ROOMS = {
  'src/protocol': [],
  'src/store': ['src/protocol'],
  'src/queue': [],
  'src/venues': [],
  'src/chain': ['src/store'],
  'src/telemetry': [],
  'src/orders': ['src/protocol', 'src/store', 'src/queue'],
  'src/worker': ['src/protocol', 'src/store', 'src/queue', 'src/venues', 'src/chain', 'src/telemetry'],
  'src/feed': ['src/protocol', 'src/store', 'src/telemetry'],
  'src/http': ['src/protocol', 'src/store', 'src/orders', 'src/telemetry'],
  'src/embedded': ['src/telemetry'],
  'src/move': ['src/store'],
  'src/demo': ['src/protocol'],
};

/** Small modules without dependencies that every room may use. */
const HALL = [
  'src/errors.ts',
  'src/crash-points.ts',
  'src/time.ts',
  'src/in-time.ts',
  'src/user-fault.ts',
  'src/seeded-draw.ts',
  'src/redis-address.ts',
  'src/redis-tls.ts',
];

const zones = [
  { target: './machines', from: './src', message: 'machines/ knows nothing of src/.' },
  ...Object.entries(ROOMS).map(([room, allowed]) => ({
    target: `./${room}`,
    from: './src',
    except: [room, ...allowed, ...HALL].map((path) => `./${path.slice('src/'.length)}`),
    message: `${room} may import only from ${[...allowed, 'machines'].join(', ')}: dependencies point one way.`,
  })),
  ...HALL.map((file) => ({
    target: `./${file}`,
    from: './src',
    except: [`./${file.slice('src/'.length)}`],
    message: `${file} is for everybody and imports nobody.`,
  })),
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', '.data'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
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
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', 'src/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'src/config.ts alone reads the environment.' },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
