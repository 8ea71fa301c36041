import { z } from 'zod';
import type { Schema } from './openapi-document.ts';
import { namedSchemas } from './schemas.ts';

/** What may be sent, as JSON Schema. */
export function inputSchema(schema: z.ZodType): Schema {
  return plain(z.toJSONSchema(schema, { io: 'input' }));
}

/** All named schemas as they leave the service, by name; they refer to each other within the API document. */
export function componentSchemas(): Readonly<Record<string, Schema>> {
  const { schemas } = z.toJSONSchema(namedSchemas, { io: 'output', uri: schemaAddress });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]));
}

/** Where a named schema stands in the API document. */
export function schemaAddress(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Without what says where it stands: it stands in the document. */
function plain({ $schema: _schema, $id: _id, ...rest }: z.core.JSONSchema.BaseSchema): Schema {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod's own type of it allows all of JSON Schema
  return rest as Schema;
}
