/** The statechart as SVG. */
import { useMemo } from 'preact/hooks';
import type { Chart, ChartState, ChartTransition } from '../../src/charts/chart.ts';
import {
  edgeGroups,
  hasSign,
  labelBlocks,
  LINE_HEIGHT,
  placeLabel,
  stayNames,
  staysOf,
  type Box,
  type Drawing,
  type PlacedPart,
} from '../../src/charts/drawing.ts';
import { now } from '../app/clock.ts';
import { ageText } from '../parts/format.ts';
import type { Heat } from './heat.ts';
import type { Marks, Timer } from './marks.ts';
import { arrowHead, linePath, pathAroundLabel } from './path.ts';

interface ChartViewProps {
  readonly chart: Chart;
  readonly drawing: Drawing;
  readonly marks: Marks;
  readonly scale: number;
  readonly heat?: Heat | null;
  readonly onPick?: (state: ChartState) => void;
}

type Mark = 'rest' | 'seen' | 'open' | 'taken';
const LAYERS: readonly Mark[] = ['rest', 'seen', 'open', 'taken'];

export function ChartView({ chart, drawing, marks, scale, heat = null, onPick }: ChartViewProps) {
  const edges = useMemo(() => drawnEdges(chart, drawing), [chart, drawing]);
  const marked = edges.map((edge) => ({ edge, mark: markOf(edge, marks) }));
  marked.sort((a, b) => LAYERS.indexOf(a.mark) - LAYERS.indexOf(b.mark));
  const leaf = marks.active.at(-1);
  const name = chart.states.find(({ id }) => id === leaf)?.path ?? 'none';
  return (
    <svg
      class={`chart ${drawing.detail}${heat === null ? '' : ' heat'}`}
      viewBox={`0 0 ${drawing.width} ${drawing.height}`}
      width={drawing.width * scale}
      height={drawing.height * scale}
      role="group"
      aria-label={
        heat === null
          ? `Statechart ${chart.id}, active state: ${name}`
          : `Statechart ${chart.id}, with how many orders took each transition`
      }
    >
      {chart.states.slice(1).map((state) => (
        <StateBox
          key={state.id}
          chart={chart}
          state={state}
          box={drawing.boxes[state.id]}
          titleX={drawing.titles[state.id]}
          marks={marks}
          heat={heat}
          isLeaf={state.id === leaf}
          onPick={onPick}
        />
      ))}
      {marked.map(({ edge, mark }) => (
        <g
          key={edge.id}
          class={`edge ${mark}`}
          data-edge={edge.id}
          data-taken={mark === 'taken' || undefined}
          style={heat === null ? undefined : { '--heat': heat.ofEdge(edge.transitions) }}
        >
          <path class="line" d={edge.around} />
          {mark === 'taken' && (
            <path key={[...marks.taken].join()} class="flow" d={edge.whole} pathLength={1} />
          )}
          <path class="head" d={edge.head} />
        </g>
      ))}
      {marked.map(({ edge, mark }) => (
        <EdgeLabel key={edge.id} edge={edge} mark={mark} marks={marks} />
      ))}
    </svg>
  );
}

type Edge = ReturnType<typeof drawnEdges>[number];

function drawnEdges(chart: Chart, drawing: Drawing) {
  const groups = new Map(edgeGroups(chart).map((group) => [group.id, group]));
  return drawing.edges.map((edge) => ({
    ...edge,
    whole: linePath(edge.points),
    around: pathAroundLabel(edge.points, edge.label),
    head: arrowHead(edge.points),
    title: titleOf(groups.get(edge.id)?.transitions ?? []),
    words: placeLabel(labelBlocks(groups.get(edge.id)?.transitions ?? [], drawing.detail)),
  }));
}

/** Every transition of a line in words. */
function titleOf(transitions: readonly ChartTransition[]): string {
  return transitions
    .map(({ kind, label, guard, actions }) =>
      [
        kind === 'after'
          ? `timer: ${label}`
          : kind === 'error' && label === 'error'
            ? 'the effect fails'
            : kind === 'done' && label === 'done'
              ? 'the effect is done'
              : label,
        guard === null ? '' : `[${guard}]`,
        actions.length === 0 ? '' : `→ ${actions.join(', ')}`,
      ]
        .filter(Boolean)
        .join(' '),
    )
    .join('\n');
}

function markOf({ source, transitions }: Pick<Edge, 'source' | 'transitions'>, marks: Marks): Mark {
  if (transitions.some((id) => marks.taken.has(id))) return 'taken';
  if (marks.active.includes(source) && !marks.hasEnded) return 'open';
  return transitions.some((id) => marks.counts.has(id)) ? 'seen' : 'rest';
}

interface StateBoxProps {
  readonly chart: Chart;
  readonly state: ChartState;
  readonly box: Box | undefined;
  readonly titleX: number | undefined;
  readonly marks: Marks;
  readonly heat: Heat | null;
  readonly isLeaf: boolean;
  readonly onPick: ((state: ChartState) => void) | undefined;
}

function StateBox({ chart, state, box, titleX, marks, heat, isLeaf, onPick }: StateBoxProps) {
  if (box === undefined) return null;
  const { x, y, width, height } = box;
  const isActive = marks.active.includes(state.id);
  const isGroup = state.kind === 'compound' || state.kind === 'parallel';
  const stays = staysOf(chart, state.id);
  const stayed = stays.some(({ id }) => marks.taken.has(id));
  const classes = ['state', isGroup ? 'group' : 'leaf', state.kind];
  if (isActive) classes.push('active', marks.tone);
  else if (marks.visited.has(state.id)) classes.push('visited');
  if (isLeaf) classes.push('current');
  if (heat?.fails(state.path) === true) classes.push('fails');
  const description = [
    state.path,
    heat?.textOf(state.path),
    state.description,
    state.effects.length > 0 && `Effect: ${state.effects.join(', ')}`,
  ]
    .filter(Boolean)
    .join('\n');
  const textX = isGroup ? (titleX ?? x + 14) : x + width / 2;
  const textY = isGroup ? y + 21 : y + height / 2 + 4.5;
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onPick?.(state);
  };
  const asButton =
    onPick === undefined
      ? {}
      : { role: 'button' as const, tabIndex: 0, onClick: () => onPick(state), onKeyDown: press };
  const staysText = stays.length > 0 && isGroup ? `↻ ${stayNames(chart, state.id)}` : stayed ? '↻' : '';
  return (
    <g>
      {/* Outside of the button: its words are not the button's. */}
      <title>{description}</title>
      <g
        class={classes.join(' ')}
        data-state={state.id}
        data-active={isActive || undefined}
        aria-current={isActive ? 'step' : undefined}
        aria-label={`${state.path} ${staysText}`.trim()}
        style={heat === null ? undefined : { '--heat': heat.ofState(state.path) }}
        {...asButton}
      >
        <rect x={x} y={y} width={width} height={height} rx={isGroup ? 12 : 9} />
        {state.kind === 'final' && (
          <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={6.5} />
        )}
        {state.isInitial && !isGroup && <circle class="initial" cx={x + 9} cy={y + height / 2} r={2.8} />}
        {state.isInitial && isGroup && <circle class="initial" cx={textX - 7} cy={y + 16.5} r={2.8} />}
        <text class="name" x={textX} y={textY} text-anchor={isGroup ? 'start' : 'middle'}>
          {state.name}
        </text>
        {stays.length > 0 && isGroup && (
          <text class={stayed ? 'stays taken' : 'stays'} x={textX + state.name.length * 7.9 + 14} y={textY}>
            {staysText}
          </text>
        )}
        {stayed && !isGroup && (
          <text class="stays taken" x={x + width - 15} y={textY}>
            ↻
          </text>
        )}
        {isLeaf && isActive && !marks.hasEnded && <circle class="beat" cx={x + width - 2} cy={y + 2} r={5} />}
      </g>
    </g>
  );
}

function EdgeLabel({
  edge,
  mark,
  marks,
}: {
  readonly edge: Edge;
  readonly mark: Mark;
  readonly marks: Marks;
}) {
  const { x, y, width, height } = edge.label;
  const timer = marks.timers.find(
    ({ event, source }) => source === edge.source && edge.transitions.some((id) => id.includes(`|${event}|`)),
  );
  const count = edge.transitions.reduce((sum, id) => sum + (marks.counts.get(id) ?? 0), 0);
  const countWidth = 13 + 6 * String(count).length;
  return (
    <g class={`label ${mark}`} data-label={edge.id}>
      <title>{edge.title}</title>
      <rect x={x} y={y} width={width} height={height} rx={7} />
      {edge.words.parts.map((part) => (
        <Words key={`${part.line} ${part.x}`} part={part} x={x} y={y} marks={marks} />
      ))}
      {count > 1 && (
        <g class="count">
          <rect x={x + width - 5} y={y - 9} width={countWidth} height={14} rx={7} />
          <text x={x + width - 5 + countWidth / 2} y={y + 1.6} text-anchor="middle">{`×${count}`}</text>
        </g>
      )}
      {timer !== undefined && <TimerBar timer={timer} label={edge.label} />}
    </g>
  );
}

const SIGNS = {
  after: 'M0 0m-4.4 0a4.4 4.4 0 1 0 8.8 0a4.4 4.4 0 1 0 -8.8 0M0 -2.4V0L1.8 1.2',
  done: 'M-3.6 .4L-1 3L3.8 -3',
  error: 'M-3 -3L3 3M3 -3L-3 3',
} as const;

interface WordsProps {
  readonly part: PlacedPart;
  readonly x: number;
  readonly y: number;
  readonly marks: Marks;
}

function Words({ part, x, y, marks }: WordsProps) {
  const baseline = y + 12.5 + part.line * LINE_HEIGHT;
  const isTaken = part.transitions.some((id) => marks.taken.has(id));
  const sign = hasSign(part) && part.kind in SIGNS ? SIGNS[part.kind as keyof typeof SIGNS] : null;
  return (
    <g class={`part ${part.kind}${isTaken ? ' hit' : ''}`}>
      {sign !== null && (
        <path class="sign" d={sign} transform={`translate(${x + part.x + 5} ${baseline - 4})`} />
      )}
      <text x={x + part.textX} y={baseline}>
        {part.kind === 'guard' ? `[${part.text}]` : part.text}
      </text>
    </g>
  );
}

/** Counts down on the label of the transition that it will take. */
function TimerBar({ timer, label }: { readonly timer: Timer; readonly label: Box }) {
  const total = Math.max(1, timer.endsAt - timer.startsAt);
  const left = Math.max(0, timer.endsAt - now.value);
  return (
    <g class="timer">
      <rect
        class="whole"
        x={label.x}
        y={label.y + label.height + 1}
        width={label.width}
        height={3}
        rx={1.5}
      />
      <rect
        class="left"
        x={label.x}
        y={label.y + label.height + 1}
        width={label.width * Math.min(1, left / total)}
        height={3}
        rx={1.5}
      />
      <text x={label.x + label.width + 4} y={label.y + label.height + 4}>
        {ageText(left)}
      </text>
    </g>
  );
}
