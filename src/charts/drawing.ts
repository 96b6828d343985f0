/** What a chart looks like: boxes, lines and labels, in pixels. Computed when the page is built, drawn in the browser. */
import type { Chart, ChartState, ChartTransition, TransitionKind } from './chart.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Point = readonly [x: number, y: number];

/** `full`: labels name events and guards. `overview`: they name events that are sent, and have a sign for each other kind. */
export type Detail = 'full' | 'overview';

/** Of one chart, in each detail. */
export type Drawings = Readonly<Record<Detail, Drawing>>;

export interface Drawing {
  readonly detail: Detail;
  readonly width: number;
  readonly height: number;
  /** By the id of the state. The machine itself has none. */
  readonly boxes: Readonly<Record<string, Box>>;
  /** Where the name of a state with children begins, by the id of the state: lines enter the strip beside it. */
  readonly titles: Readonly<Record<string, number>>;
  readonly edges: readonly DrawnEdge[];
}

/** All transitions from one state to another are one line with one label. */
export interface DrawnEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** The ids of its transitions. */
  readonly transitions: readonly string[];
  /** Horizontal and vertical stretches, from the source to the target. */
  readonly points: readonly Point[];
  readonly label: Box;
}

/** Events that lead the same way under the same guards. */
export interface LabelBlock {
  readonly events: readonly LabelPart[];
  /** In the order in which they are asked. */
  readonly guards: readonly LabelPart[];
}

/** A word of a label, with the transitions that it stands for. */
export interface LabelPart {
  readonly kind: TransitionKind | 'guard';
  readonly text: string;
  readonly transitions: readonly string[];
}

export interface EdgeGroup {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly ChartTransition[];
}

/** The transitions that are drawn as lines, those from one state to another together. */
export function edgeGroups({ transitions }: Chart): readonly EdgeGroup[] {
  const groups = new Map<string, { source: string; target: string; transitions: ChartTransition[] }>();
  for (const transition of transitions) {
    for (const target of transition.targets) {
      if (target === transition.source) continue;
      const id = `${transition.source}>${target}`;
      const group = groups.get(id) ?? { source: transition.source, target, transitions: [] };
      group.transitions.push(transition);
      groups.set(id, group);
    }
  }
  return [...groups].map(([id, group]) => ({ id, ...group }));
}

/** Transitions that stay in their state, or enter it again: shown in the state's box, without a line. */
export function staysOf({ transitions }: Chart, state: string): readonly ChartTransition[] {
  return transitions.filter(
    ({ source, targets }) => source === state && targets.every((target) => target === state),
  );
}

export function labelBlocks(transitions: readonly ChartTransition[], detail: Detail): readonly LabelBlock[] {
  if (detail === 'overview') return [{ events: signsOf(transitions), guards: [] }];
  const byGuard = new Map<string, ChartTransition[]>();
  for (const transition of transitions) {
    const name = transition.guard?.replace(/\(.*\)$/, '') ?? '';
    byGuard.set(name, [...(byGuard.get(name) ?? []), transition]);
  }
  const blocks = new Map<string, { events: LabelPart[]; guards: LabelPart[] }>();
  for (const [guard, guarded] of byGuard) {
    const events = guarded.map(({ kind, label, id }) => ({ kind, text: label, transitions: [id] }));
    const key = `${guard === '' ? '' : '?'}${[...new Set(events.map(({ kind, text }) => `${kind} ${text}`))].join()}`;
    const block = blocks.get(key) ?? { events: [], guards: [] };
    for (const event of events) addPart(block.events, event);
    if (guard !== '')
      addPart(block.guards, { kind: 'guard', text: guard, transitions: guarded.map(({ id }) => id) });
    blocks.set(key, block);
  }
  return [...blocks.values()];
}

function signsOf(transitions: readonly ChartTransition[]): readonly LabelPart[] {
  const parts: LabelPart[] = [];
  for (const { kind, label, id } of transitions) {
    addPart(parts, { kind, text: hasSign({ kind }) ? '' : label, transitions: [id] });
  }
  return parts;
}

function addPart(parts: LabelPart[], part: LabelPart): void {
  const index = parts.findIndex(({ kind, text }) => kind === part.kind && text === part.text);
  const same = parts[index];
  if (same === undefined) parts.push(part);
  else parts[index] = { ...same, transitions: [...same.transitions, ...part.transitions] };
}

/** Labels are set in a monospaced font of this size. Its glyphs are at most this wide, on every system. */
export const LABEL_FONT = 11;
const GLYPH = LABEL_FONT * 0.605;
export const LINE_HEIGHT = 15;
const LABEL_PADDING = 6;
/** The sign of a timer, a result or an error, with the space after it. */
const SIGN = 13;
const BETWEEN_PARTS = 9;
/** A line of a label is broken where it would become wider. */
const LONGEST_LINE = 150;

export interface PlacedPart extends LabelPart {
  /** Of its sign, if it has one, else of its text. From the label's corner. */
  readonly x: number;
  readonly textX: number;
  /** From 0. */
  readonly line: number;
}

export interface PlacedLabel {
  readonly parts: readonly PlacedPart[];
  readonly width: number;
  readonly height: number;
}

/** Sets the words of a label in lines, each one in the middle. */
export function placeLabel(blocks: readonly LabelBlock[]): PlacedLabel {
  const lines: { parts: Omit<PlacedPart, 'line'>[]; width: number }[] = [];
  for (const { events, guards } of blocks) {
    let line = { parts: [] as Omit<PlacedPart, 'line'>[], width: 0 };
    lines.push(line);
    for (const part of [...events, ...guards]) {
      const signWidth = hasSign(part) ? SIGN : 0;
      const width = signWidth + (part.text.length + (part.kind === 'guard' ? 2 : 0)) * GLYPH;
      if (line.width > 0 && line.width + BETWEEN_PARTS + width > LONGEST_LINE) {
        line = { parts: [], width: 0 };
        lines.push(line);
      }
      const x = line.width === 0 ? 0 : line.width + BETWEEN_PARTS;
      line.parts.push({ ...part, x, textX: x + signWidth });
      line.width = x + width;
    }
  }
  const width = Math.ceil(Math.max(...lines.map((line) => line.width))) + 2 * LABEL_PADDING;
  return {
    parts: lines.flatMap((line, index) => {
      const left = (width - line.width) / 2;
      return line.parts.map((part) => ({ ...part, x: left + part.x, textX: left + part.textX, line: index }));
    }),
    width,
    height: lines.length * LINE_HEIGHT + 2,
  };
}

/** Timers, results and errors have a sign. */
export function hasSign({ kind }: Pick<LabelPart, 'kind'>): boolean {
  return kind === 'after' || kind === 'done' || kind === 'error';
}

/** Space for a state's name, its signs, and the space around them. The font is at most this wide. */
export function nameWidth(name: string): number {
  return Math.ceil(name.length * 7.9) + 44;
}

export const STATE_HEIGHT = 30;
/** The strip at the top of a state with children, which has its name. */
export const TITLE_HEIGHT = 30;

/** What stands in the strip: the name, and the events at which the state stays. */
export function titleWidth(chart: Chart, { id, name }: ChartState): number {
  const stays = stayNames(chart, id);
  return nameWidth(name) + (stays === '' ? 0 : Math.ceil(stays.length * GLYPH) + 8);
}

/** `REPLACED · WAITING` */
export function stayNames(chart: Chart, state: string): string {
  return [...new Set(staysOf(chart, state).map(({ label }) => label))].join(' · ');
}
