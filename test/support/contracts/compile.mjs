/**
 * Compiles the contracts of this folder into `compiled.ts`, which is checked in: the compiler weighs 10 MB, and these contracts
 * change rarely.
 *
 *   npm install --no-save solc@0.8.37 && node test/support/contracts/compile.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = new URL('.', import.meta.url);
const solc = createRequire(import.meta.url)('solc');

const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.sol'));
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(
    files.map((name) => [name, { content: readFileSync(new URL(name, folder), 'utf8') }]),
  ),
  settings: {
    // Before EIP-1559 and PUSH0: the contracts run on every chain that is tested.
    evmVersion: 'berlin',
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
};
const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input)));
const fatal = errors.filter(({ severity }) => severity === 'error');
if (fatal.length > 0) throw new Error(fatal.map(({ formattedMessage }) => formattedMessage).join('\n'));

const lines = Object.values(contracts)
  .flatMap((file) => Object.entries(file))
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([name, { abi, evm }]) => {
    const value = JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` });
    return `// prettier-ignore\nexport const ${name} = ${value} as const;\n`;
  });
writeFileSync(
  new URL('compiled.ts', folder),
  `/** Made by compile.mjs from the Solidity files of this folder, with solc ${solc.version()}. */\n${lines.join('\n')}`,
);
