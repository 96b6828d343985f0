/**
 * Computes where the states and transitions of a chart are drawn, with ELK's layered algorithm (Schulze, Spönemann, von Hanxleden,
 * "Drawing layered graphs with port constraints", 2014). ELK leaves small overlaps in some nested charts: each result is checked by
 * `findOverlaps`, and the first one of several settings that has none is taken.
 */
import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import ElkConstructor from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartState } from '../../src/charts/chart.ts';
import {
  edgeGroups,
  labelBlocks,
  nameWidth,
  placeLabel,
  STATE_HEIGHT,
  TITLE_HEIGHT,
  titleWidth,
  type Box,
  type Detail,
  type Drawing,
  type DrawnEdge,
  type EdgeGroup,
  type PlacedLabel,
  type Point,
} from '../../src/charts/drawing.ts';
import { findOverlaps } from './find-overlaps.ts';
import { placeTitles } from './place-titles.ts';

const COMMON: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.labelNode': '6',
  'elk.layered.spacing.nodeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
};

const TIGHT: LayoutOptions = {
  'elk.spacing.nodeNode': '14',
  'elk.spacing.edgeNode': '8',
  'elk.spacing.edgeEdge': '7',
  'elk.spacing.labelNode': '3',
  'elk.spacing.edgeLabel': '2',
  'elk.layered.spacing.nodeNodeBetweenLayers': '8',
  'elk.layered.spacing.edgeNodeBetweenLayers': '5',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '5',
};

interface Settings {
  readonly root?: LayoutOptions;
  readonly every?: LayoutOptions;
  /** Where a label stands on its line. Default: near the state that the line leaves. */
  readonly label?: 'MEDIAN_LAYER' | 'WIDEST_LAYER' | 'CENTER_LAYER';
  /** Lines that lead back to an earlier state of the author's order are laid out as if they led from it. Default: true. */
  readonly turnsBack?: boolean;
}

/** The author's order decides. On states with children elkjs 0.12 throws for most charts. */
const AUTHORS_ORDER: LayoutOptions = { 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES' };
const placement = (strategy: string): LayoutOptions => ({ 'elk.layered.nodePlacement.strategy': strategy });

/** In the order of how their results look. */
const SETTINGS: readonly Settings[] = [
  { root: AUTHORS_ORDER },
  {},
  { root: AUTHORS_ORDER, label: 'MEDIAN_LAYER' },
  { label: 'MEDIAN_LAYER' },
  { root: AUTHORS_ORDER, turnsBack: false },
  { turnsBack: false },
  { every: placement('BRANDES_KOEPF') },
  { every: placement('LINEAR_SEGMENTS') },
  { every: placement('BRANDES_KOEPF'), label: 'WIDEST_LAYER', turnsBack: false },
  { every: placement('LINEAR_SEGMENTS'), label: 'CENTER_LAYER', turnsBack: false },
  {
    every: { ...placement('SIMPLE'), 'elk.layered.cycleBreaking.strategy': 'GREEDY' },
    label: 'MEDIAN_LAYER',
  },
  { every: { 'elk.layered.feedbackEdges': 'true' }, turnsBack: false },
];

// elkjs is CommonJS, whose default export TypeScript and Node see differently.
const elk = new (ElkConstructor as unknown as new () => ELK)();

/** @throws Error when no setting gives a layout without overlaps */
export async function layOut(chart: Chart, detail: Detail): Promise<Drawing> {
  const problems: string[] = [];
  for (const settings of SETTINGS) {
    try {
      const drawing = await layOutWith(chart, detail, settings);
      const overlaps = findOverlaps(chart, drawing);
      if (overlaps.length === 0) return drawing;
      problems.push(overlaps.slice(0, 3).join('; '));
    } catch (thrown) {
      problems.push(thrown instanceof Error ? thrown.message.slice(0, 120) : String(thrown));
    }
  }
  throw new Error(`chart ${chart.id}, ${detail}: no layout is free of overlaps:\n${problems.join('\n')}`);
}

async function layOutWith(
  chart: Chart,
  detail: Detail,
  { root, every, label, turnsBack = true }: Settings,
): Promise<Drawing> {
  const [machine] = chart.states;
  if (machine === undefined) throw new Error(`chart ${chart.id} has no states`);
  const options = { ...COMMON, ...(detail === 'overview' ? TIGHT : {}), ...every };
  const groups = edgeGroups(chart).map((group): PlannedEdge => {
    const isTurned = turnsBack && leadsBack(chart, group);
    return { ...group, isTurned, labelAt: label ?? (isTurned ? 'HEAD_LAYER' : 'TAIL_LAYER') };
  });
  const graph: ElkNode = {
    id: machine.id,
    layoutOptions: {
      ...options,
      ...root,
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.json.edgeCoords': 'ROOT',
      'elk.json.shapeCoords': 'ROOT',
      'elk.padding': '[top=14,left=14,bottom=14,right=14]',
    },
    children: childrenOf(chart, machine, options),
    edges: groups.map((group) => edgeOf(group, detail)),
  };
  const result = await elk.layout<ElkNode>(graph);
  const laidOut = new Map(result.edges?.map((edge) => [edge.id, edge]));
  const boxes = Object.fromEntries(boxesOf(result.children ?? []));
  const edges = groups.map((group) => drawnEdge(group, laidOut.get(group.id)));
  return {
    detail,
    width: Math.ceil(result.width ?? 0),
    height: Math.ceil(result.height ?? 0),
    boxes,
    titles: placeTitles(chart, boxes, edges),
    edges,
  };
}

interface PlannedEdge extends EdgeGroup {
  /** ELK is given the line from its target to its source. */
  readonly isTurned: boolean;
  readonly labelAt: string;
}

/** To an earlier state of the author's order that neither contains the source nor lies in it. */
function leadsBack({ states }: Chart, { source, target }: EdgeGroup): boolean {
  const [from, to] = [
    states.findIndex(({ id }) => id === source),
    states.findIndex(({ id }) => id === target),
  ];
  const [fromPath = '', toPath = ''] = [states[from]?.path, states[to]?.path];
  return to < from && !fromPath.startsWith(`${toPath}.`);
}

function childrenOf(chart: Chart, parent: ChartState, options: LayoutOptions): ElkNode[] {
  return chart.states
    .filter((state) => state.parent === parent.id)
    .map((state) => {
      const children = childrenOf(chart, state, options);
      const width = nameWidth(state.name);
      if (children.length === 0) {
        const last: LayoutOptions =
          state.kind === 'final' && parent.parent === null
            ? { 'elk.layered.layering.layerConstraint': 'LAST' }
            : {};
        return { id: state.id, width, height: STATE_HEIGHT, layoutOptions: last };
      }
      return {
        id: state.id,
        children,
        layoutOptions: {
          ...options,
          'elk.padding': `[top=${TITLE_HEIGHT + 4},left=14,bottom=14,right=14]`,
          'elk.nodeSize.constraints': 'MINIMUM_SIZE',
          'elk.nodeSize.minimum': `(${titleWidth(chart, state) + 24},60)`,
        },
      };
    });
}

function edgeOf(
  { id, source, target, transitions, isTurned, labelAt }: PlannedEdge,
  detail: Detail,
): ElkExtendedEdge {
  const isForward = !isTurned && transitions.some(({ kind }) => kind === 'done' || kind === 'event');
  const straight: LayoutOptions = {
    'elk.layered.priority.straightness': '20',
    'elk.layered.priority.direction': '20',
    'elk.layered.priority.shortness': '10',
  };
  return {
    id,
    sources: [isTurned ? target : source],
    targets: [isTurned ? source : target],
    ...(isForward ? { layoutOptions: straight } : {}),
    labels: [
      {
        id: `${id}:label`,
        text: id,
        ...sizeOf(placeLabel(labelBlocks(transitions, detail))),
        layoutOptions: {
          'elk.edgeLabels.inline': 'true',
          'elk.edgeLabels.placement': 'CENTER',
          'elk.layered.edgeLabels.centerLabelPlacementStrategy': labelAt,
        },
      },
    ],
  };
}

function sizeOf({ width, height }: PlacedLabel): Pick<PlacedLabel, 'width' | 'height'> {
  return { width, height };
}

function* boxesOf(nodes: readonly ElkNode[]): Generator<[string, Box]> {
  for (const { id, x = NaN, y = NaN, width = NaN, height = NaN, children = [] } of nodes) {
    yield [id, { x: round(x), y: round(y), width: round(width), height: round(height) }];
    yield* boxesOf(children);
  }
}

function drawnEdge(
  { id, source, target, transitions, isTurned }: PlannedEdge,
  edge: ElkExtendedEdge | undefined,
): DrawnEdge {
  const label = edge?.labels?.[0];
  if (edge?.sections === undefined || label === undefined) throw new Error(`ELK did not place ${id}`);
  const points = edge.sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [round(x), round(y)]),
  );
  const { x = NaN, y = NaN, width = NaN, height = NaN } = label;
  return {
    id,
    source,
    target,
    transitions: transitions.map((transition) => transition.id),
    points: withoutRepeats(isTurned ? points.reverse() : points),
    label: { x: round(x), y: round(y), width: round(width), height: round(height) },
  };
}

/** Leaves out points that repeat the one before, or lie on a straight line between their neighbours. */
function withoutRepeats(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    const before = kept.at(-2);
    if (last?.[0] === point[0] && last[1] === point[1]) continue;
    const isStraight =
      before !== undefined &&
      last !== undefined &&
      ((before[0] === last[0] && last[0] === point[0]) || (before[1] === last[1] && last[1] === point[1]));
    if (isStraight) kept.pop();
    kept.push(point);
  }
  return kept;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
