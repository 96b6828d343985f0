/** `machine`: the order machine of this release, in the terminal and in the forms of other tools. */
import type { Command } from 'commander';
import { machineRegistry } from '../../../machines/registry.ts';
import type { Chart, ChartState } from '../../charts/chart.ts';
import { machineCatalogue } from '../../charts/machine-catalogue.ts';
import { OperatorError } from '../../operator-error.ts';
import type { Paint } from '../../terminal/style.ts';
import type { Output } from '../output.ts';

interface MachineArguments {
  readonly json?: true;
  readonly typescript?: true;
  readonly mermaid?: true;
}

/** @param open the output; JSON is printed only where it is asked for */
export function registerMachine(program: Command, open: () => Output): void {
  program
    .command('machine [version]')
    .description(
      'show the order machine of this release, or one of its older versions: states, transitions and effects',
    )
    .option('--mermaid', 'as a Mermaid state diagram')
    .option('--json', "as XState's config")
    .option('--typescript', "as XState code, for Stately's editor")
    .action((version: string | undefined, options: MachineArguments) => {
      const output = open();
      for (const line of machineText(version, options, output.paint)) output.line(line);
    });
}

function machineText(
  version: string | undefined,
  { json, typescript, mermaid }: MachineArguments,
  paint: Paint,
): readonly string[] {
  const { current, machines } = machineCatalogue(machineRegistry, {});
  const wanted = version === undefined ? current : Number(version);
  const machine = machines.find((each) => each.version === wanted);
  if (machine === undefined) {
    const known = machines.map((each) => each.version).join(', ');
    throw new OperatorError(`machine ${version ?? ''}: this release runs ${known}`);
  }
  if (json === true) return [machine.json.trimEnd()];
  if (mermaid === true) return [machine.mermaid.trimEnd()];
  if (typescript === true) return [machine.typescript.trimEnd()];
  return chartLines(machine.chart, paint);
}

/** A tree of the states; below each its transitions. */
export function chartLines(chart: Chart, paint: Paint): readonly string[] {
  const [root] = chart.states;
  const header = `${paint('bold', chart.id)}${chart.description === null ? '' : `  ${chart.description}`}`;
  return root === undefined ? [header] : [header, ...childrenOf(chart, root, '', paint)];
}

function childrenOf(chart: Chart, parent: ChartState, indent: string, paint: Paint): readonly string[] {
  const children = chart.states.filter((state) => state.parent === parent.id);
  return children.flatMap((state, index) => {
    const isLast = index === children.length - 1;
    const below = `${indent}${isLast ? '   ' : '│  '}`;
    const mark = state.kind === 'final' ? '◉' : state.isInitial ? '●' : '○';
    const effects = state.effects.map((effect) => paint('magenta', ` ⚙ ${effect}`)).join('');
    const text = state.description === null ? '' : paint('gray', `  ${state.description}`);
    return [
      `${indent}${isLast ? '└─ ' : '├─ '}${paint('cyan', mark)} ${paint('bold', state.name)}${effects}${text}`,
      ...chart.transitions
        .filter(({ source }) => source === state.id)
        .map(({ label, guard, targets, kind }) => {
          const to = targets.map((target) => pathOf(chart, target)).join(', ');
          const when = guard === null ? '' : paint('yellow', ` [${guard}]`);
          return `${below}${paint('gray', '·')} ${kind === 'after' ? `after ${label}` : label}${when} ${paint('gray', '→')} ${to === '' ? 'stays' : to}`;
        }),
      ...childrenOf(chart, state, below, paint),
    ];
  });
}

function pathOf(chart: Chart, id: string): string {
  return chart.states.find((state) => state.id === id)?.path ?? id;
}
