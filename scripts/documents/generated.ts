/** What follows from the code: JSON Schemas, tables of errors and states, pictures of the machine; and newman's form of the Postman collection. */
import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf } from '../../src/charts/chart.ts';
import { mermaid } from '../../src/charts/formats.ts';
import { ERROR_CODES, ERRORS } from '../../src/errors.ts';
import { publishedSchema, SCHEMA_NAMES } from '../../src/http/documents/standalone-schemas.ts';
import { machineOverview } from './machine-overview.ts';
import { postmanCollection } from './postman-collection.ts';
import { stateTable } from './state-table.ts';

/** By the name that a document has between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. */
function blocks(): Readonly<Record<string, string>> {
  const machine = machineRegistry.machines.get(machineRegistry.current);
  if (machine === undefined) throw new Error('the registry has no current machine');
  const chart = chartOf(machine);
  return {
    'machine overview': `\`\`\`mermaid\n${machineOverview(chart)}\`\`\``,
    states: stateTable(chart),
    machine: `\`\`\`mermaid\n${mermaid(chart)}\`\`\``,
    errors: errorTable(),
    nginx: `\`\`\`nginx\n${readFileSync('deploy/nginx.conf', 'utf8')}\`\`\``,
  };
}

const DOCUMENTS = [
  'README.md',
  'docs/reference/machine.md',
  'docs/reference/errors.md',
  'docs/how-to/nginx.md',
];

/** Each file, by its path from the root, as it has to be. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const schemas = SCHEMA_NAMES.map((name): [string, string] => [
    `docs/schemas/${name}.json`,
    JSON.stringify(publishedSchema(name)),
  ]);
  const postman: [string, string] = [
    'examples/postman/fillstream.postman_collection.json',
    postmanCollection('examples/postman/fillstream'),
  ];
  const known = blocks();
  const documents = DOCUMENTS.map((file): [string, string] => [
    file,
    fill(file, readFileSync(file, 'utf8'), known),
  ]);
  const files = await Promise.all(
    [...schemas, postman, ...documents].map(async ([file, text]): Promise<[string, string]> => {
      const options = await prettier.resolveConfig(file, { editorconfig: true });
      return [file, await prettier.format(text, { ...options, filepath: file })];
    }),
  );
  return new Map(files);
}

function fill(file: string, text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(
    /(<!-- generated: ([\w ]+) -->\n)[\s\S]*?(<!-- end of \2 -->)/g,
    (_, start: string, name: string, end: string) => {
      const block = known[name];
      if (block === undefined) throw new Error(`${file} names the block "${name}", which is not generated`);
      return `${start}\n${block}\n\n${end}`;
    },
  );
}

function errorTable(): string {
  const rows = ERROR_CODES.map((code) => {
    const { status, closeCode, title, advice } = ERRORS[code];
    return `| \`${code}\` | ${status} | ${closeCode ?? ''} | ${title} | ${advice} |`;
  });
  return [
    '| code | status | close code | what it means | what to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
