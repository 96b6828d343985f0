/** A machine in the forms that other tools take: XState's JSON config, TypeScript for Stately's editor, a Mermaid state diagram. */
import type { AnyStateMachine } from 'xstate';
import type { Chart, ChartState, ChartTransition } from './chart.ts';

/** The machine's config as JSON. Functions, such as the inputs of effects, have no form in JSON and are left out. */
export function configJson(machine: AnyStateMachine): string {
  return `${JSON.stringify(machine.config, null, 2)}\n`;
}

/**
 * XState 5 that stands alone: guards, actions, delays and effects are stubs of the same names, so that Stately's editor, its simulator
 * and the VS Code extension open it as it is.
 */
export function statelyTypeScript(machine: AnyStateMachine, chart: Chart): string {
  const delays = chart.transitions.flatMap(({ event }) => {
    const name = /^xstate\.after\.([^.]+)\./.exec(event)?.[1] ?? '';
    return /^\d*$/.test(name) ? [] : [name];
  });
  const guards = chart.transitions.flatMap(({ guard }) =>
    guard === null || guard === 'else' ? [] : [withoutParams(guard)],
  );
  const effects = chart.states.flatMap((state) => state.effects);
  const actions = [
    ...chart.transitions.flatMap((transition) => transition.actions.map(withoutParams)),
    ...entryAndExitActions(machine.config),
  ];
  return [
    "import { fromPromise, setup } from 'xstate';",
    '',
    `/** ${chart.id}${chart.description === null ? '' : `: ${chart.description}`} */`,
    'export const machine = setup({',
    `  actors: ${stubs(effects, 'fromPromise(async () => ({}))')},`,
    `  guards: ${stubs(guards, '() => true')},`,
    `  actions: ${stubs(actions, '() => {}')},`,
    `  delays: ${stubs(delays, '1000')},`,
    `}).createMachine(${JSON.stringify(machine.config, null, 2)});`,
    '',
  ].join('\n');
}

/** https://mermaid.js.org/syntax/stateDiagram.html */
export function mermaid(chart: Chart): string {
  const [machine] = chart.states;
  return `${['stateDiagram-v2', ...(machine === undefined ? [] : mermaidStates(chart, machine, '  ')), ...chart.transitions.flatMap(mermaidTransitions)].join('\n')}\n`;
}

function mermaidStates(chart: Chart, parent: ChartState, indent: string): string[] {
  return chart.states
    .filter((state) => state.parent === parent.id)
    .flatMap((state) => {
      const id = mermaidId(state.id);
      const children = mermaidStates(chart, state, `${indent}  `);
      const declared = `${indent}state "${state.name}" as ${id}`;
      return [
        ...(children.length === 0 ? [declared] : [`${declared} {`, ...children, `${indent}}`]),
        ...(state.isInitial ? [`${indent}[*] --> ${id}`] : []),
        ...(state.kind === 'final' ? [`${indent}${id} --> [*]`] : []),
      ];
    });
}

function mermaidTransitions({ source, targets, kind, label, guard }: ChartTransition): string[] {
  const event = kind === 'event' || kind === 'always' ? label : `${kind} ${label}`;
  const text = guard === null ? event : `${event} [${guard}]`;
  return (targets.length === 0 ? [source] : targets).map(
    (target) => `  ${mermaidId(source)} --> ${mermaidId(target)} : ${text}`,
  );
}

function mermaidId(id: string): string {
  return id.replace(/\W/g, '_');
}

function withoutParams(name: string): string {
  return name.replace(/\(.*\)$/, '');
}

function stubs(names: readonly string[], stub: string): string {
  const unique = [...new Set(names)].filter((name) => name !== 'inline').sort();
  return unique.length === 0
    ? '{}'
    : `{\n${unique.map((name) => `    ${JSON.stringify(name)}: ${stub},\n`).join('')}  }`;
}

/** Of every state. They belong to no transition. */
function entryAndExitActions(config: unknown): string[] {
  if (typeof config !== 'object' || config === null) return [];
  const own = Object.entries(config).flatMap(([key, value]): string[] => {
    const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
    return key === 'entry' || key === 'exit' ? listed.map(nameOfAction) : [];
  });
  const states =
    'states' in config && typeof config.states === 'object' ? Object.values(config.states ?? {}) : [];
  return [...own, ...states.flatMap(entryAndExitActions)];
}

function nameOfAction(action: unknown): string {
  if (typeof action === 'string') return action;
  if (typeof action !== 'object' || action === null || !('type' in action)) return 'inline';
  return typeof action.type === 'string' ? action.type : 'inline';
}
