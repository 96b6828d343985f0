/** The order machine of each version: its chart, and its definition in the forms that other tools take. */
import { z } from 'zod';
import type { CataloguedMachine, MachineCatalogue } from '../../charts/machine-catalogue.ts';
import { FillstreamError } from '../../errors.ts';
import type { PublicAddress } from '../../edge/public-address.ts';
import { getRoute, NO_PARAMETERS, type Route } from '../route.ts';

export interface MachineRoutesDeps {
  readonly machines: MachineCatalogue;
  readonly address: Pick<PublicAddress, 'prefix'>;
}

const FORMATS = ['chart', 'json', 'typescript', 'mermaid'] as const;
type Format = (typeof FORMATS)[number];

const CONTENT_TYPES: Readonly<Record<Exclude<Format, 'chart'>, string>> = {
  json: 'application/json; charset=utf-8',
  typescript: 'text/plain; charset=utf-8',
  mermaid: 'text/plain; charset=utf-8',
};

const summarySchema = z.object({
  version: z.number().int(),
  id: z.string(),
  description: z.string().nullable(),
  states: z.number().int(),
  transitions: z.number().int(),
  links: z.object({
    self: z.string(),
    stats: z.string(),
    json: z.string(),
    typescript: z.string(),
    mermaid: z.string(),
  }),
});

const machinePageSchema = z.object({ current: z.number().int(), machines: z.array(summarySchema) });

const stateSchema = z.object({
  id: z.string(),
  path: z.string(),
  name: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(['atomic', 'compound', 'parallel', 'final', 'history']),
  isInitial: z.boolean(),
  description: z.string().nullable(),
  meta: z.record(z.string(), z.unknown()),
  effects: z.array(z.string()),
});

const transitionSchema = z.object({
  id: z.string(),
  source: z.string(),
  targets: z.array(z.string()),
  event: z.string(),
  kind: z.enum(['event', 'after', 'done', 'error', 'always']),
  label: z.string(),
  guard: z.string().nullable(),
  actions: z.array(z.string()),
});

const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

const drawingSchema = z.object({
  detail: z.enum(['full', 'overview']),
  width: z.number(),
  height: z.number(),
  boxes: z.record(z.string(), box),
  titles: z.record(z.string(), z.number()),
  edges: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      target: z.string(),
      transitions: z.array(z.string()),
      // x and y. Not a tuple: fuzzers and generators stumble over `prefixItems`.
      points: z.array(z.array(z.number()).length(2)),
      label: box,
    }),
  ),
});

const machineViewSchema = z.object({
  version: z.number().int(),
  chart: z.object({
    id: z.string(),
    description: z.string().nullable(),
    states: z.array(stateSchema),
    transitions: z.array(transitionSchema),
  }),
  drawings: z.object({ full: drawingSchema, overview: drawingSchema }).nullable(),
});

/** XState's own form: `format=json`. */
const machineConfigSchema = z.looseObject({ id: z.string() });

export const machinePathSchema = z.strictObject({
  version: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/, 'expected a machine version: a whole number from 1')
    .transform(Number),
});

/** @throws FillstreamError not_found */
export type FindMachine = (version: number) => CataloguedMachine;

export function machineFinder({ machines }: MachineCatalogue): FindMachine {
  return (version) => {
    const machine = machines.find((each) => each.version === version);
    if (machine !== undefined) return machine;
    const known = machines.map((each) => each.version).join(', ');
    throw new FillstreamError(
      'not_found',
      `There is no machine version ${version}: expected one of ${known}`,
    );
  };
}

export function machineRoutes({
  machines: catalogue,
  address: { prefix },
}: MachineRoutesDeps): readonly Route[] {
  const findMachine = machineFinder(catalogue);
  return [
    getRoute({
      path: '/api/machines',
      summary: 'List the versions of the order machine',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: machinePageSchema },
      errors: [],
      handle: () =>
        Promise.resolve({
          status: 200,
          body: {
            current: catalogue.current,
            machines: catalogue.machines.map((machine) => summaryOf(machine, prefix)),
          },
        }),
    }),

    getRoute({
      path: '/api/machines/:version',
      summary: 'Read a version of the order machine',
      access: 'public',
      params: machinePathSchema,
      query: z.strictObject({ format: z.enum(FORMATS).default('chart') }),
      answers: { 200: z.union([machineViewSchema, machineConfigSchema]) },
      texts: ['text/plain'],
      errors: ['not_found'],
      handle: ({ params: { version }, query: { format } }) => {
        const machine = findMachine(version);
        if (format === 'chart') {
          const { chart, drawings } = machine;
          return Promise.resolve({ status: 200, body: { version, chart, drawings } });
        }
        const headers = { 'Content-Type': CONTENT_TYPES[format] };
        return Promise.resolve({ status: 200, body: machine[format], headers });
      },
    }),
  ];
}

function summaryOf({ version, chart }: CataloguedMachine, prefix: string): z.infer<typeof summarySchema> {
  const self = `${prefix}/api/machines/${version}`;
  return {
    version,
    id: chart.id,
    description: chart.description,
    states: chart.states.length - 1,
    transitions: chart.transitions.length,
    links: {
      self,
      stats: `${self}/stats`,
      json: `${self}?format=json`,
      typescript: `${self}?format=typescript`,
      mermaid: `${self}?format=mermaid`,
    },
  };
}
