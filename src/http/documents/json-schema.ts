/** JSON Schemas (2020-12) of the zod schemas that the code itself checks with. */
import { z } from 'zod';
import { describeFields } from './field-descriptions.ts';
import { NAMED_SCHEMAS } from './named-schemas.ts';

/** Plain JSON. */
export type Json = Readonly<Record<string, unknown>>;

export interface SchemaWriter {
  /** The schema as it stands in a document: a named one as a reference. */
  write(schema: z.ZodType): Json;
  /** The named schemas that were written, by name. */
  readonly components: Readonly<Record<string, Json>>;
}

/** @param place where the document keeps its named schemas: `#/components/schemas/` */
export function schemaWriter(place: string): SchemaWriter {
  const components: Record<string, Json> = {};
  const keep = (name: string, schema: Json): Json => {
    components[name] ??= describeFields(name, schema);
    return { $ref: `${place}${name}` };
  };
  return {
    write(schema) {
      const json = converted(schema, place);
      const written = without(json, '$schema', '$defs', 'id');
      for (const [name, definition] of Object.entries(json.$defs ?? {})) keep(name, withoutId(definition));
      const name = NAMED_SCHEMAS.get(schema)?.id;
      return name === undefined ? describeFields('', written) : keep(name, written);
    },
    components,
  };
}

/** A document of its own. Its references lead into its `$defs`. */
export function standaloneSchema(name: string, schema: z.ZodType): Json {
  const json = converted(schema, '#/$defs/');
  const definitions = Object.entries(json.$defs ?? {}).map(
    ([each, definition]) => [each, describeFields(each, withoutId(definition))] as const,
  );
  return {
    $schema: json.$schema,
    title: name,
    ...describeFields(name, without(json, '$schema', '$defs', 'id')),
    ...(definitions.length === 0 ? {} : { $defs: Object.fromEntries(definitions) }),
  };
}

const convertedSchema = z.looseObject({
  $schema: z.string().optional(),
  $defs: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/**
 * What a sender may send, before defaults. Fields that a later release adds are allowed in what the server sends, for a document must
 * not make clients refuse them.
 */
function converted(schema: z.ZodType, place: string): z.infer<typeof convertedSchema> {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    metadata: NAMED_SCHEMAS,
    // 204: there is no body.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // zod's pattern of a time has 400 characters and says what `format` says.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === -Number.MAX_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const text = JSON.stringify(json).replaceAll('"$ref":"#/$defs/', `"$ref":"${place}`);
  return convertedSchema.parse(JSON.parse(text));
}

/** zod repeats the name as an `id`, which in JSON Schema would be an address. */
function withoutId(schema: Json): Json {
  return without(schema, 'id');
}

function without(schema: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}
