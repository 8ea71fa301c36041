/** What this service uses of JSON Schema 2020-12; `example` is OpenAPI's. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly example?: string | number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly example?: string | number;
  readonly schema: Schema;
}

/** Bodies by media type. */
export type MediaTypes = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

/** One answer of an operation. */
export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  readonly content?: MediaTypes;
}

/** The answers of an operation by status. */
export type Responses = Record<string, ResponseObject | { readonly $ref: string }>;

/** A method at a path. */
export interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description?: string;
  /** What proves that somebody may use it: one of these is enough. Empty: nothing has to be proved. */
  readonly security: readonly Readonly<Record<string, readonly []>>[];
  /** Who may use it, in words. */
  readonly 'x-policy': string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly description: string;
    readonly required: boolean;
    readonly content: MediaTypes;
  };
  readonly responses: Responses;
  /** As Redoc and others read it. */
  readonly 'x-codeSamples': readonly [
    { readonly lang: string; readonly label: string; readonly source: string },
  ];
}

/** A way to prove who asks. */
export type SecurityScheme = { readonly description: string } & (
  | { readonly type: 'apiKey'; readonly in: 'cookie' | 'query'; readonly name: string }
  | { readonly type: 'http'; readonly scheme: 'bearer' }
);

/** What this service uses of an OpenAPI document. @see OpenAPI Specification 3.1.1 */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}
