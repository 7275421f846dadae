/** How a field's value is given on the command line and what it becomes in the body. */
export type FieldKind =
  | 'text'
  | 'number'
  | 'boolean'
  | 'list'
  | 'json'
  | 'destinations'
  | 'secret'
  | 'telephone'

/** A field of a body that has a flag of its own; every other one is reached with `--set` and `--file`. */
export interface Field {
  /** `--flag`, without the dashes. */
  flag: string
  /** Where it stands in the body: `model.temperature`. */
  path: string
  summary: string
  /**
   * `text` unless given. `json` takes JSON or the name of a JSON or YAML file, `telephone` a number in E.164 form,
   * `destinations` the same as `json`, or numbers and SIP addresses separated by commas.
   */
  kind?: FieldKind
  choices?: readonly string[]
  /** The value is the id, or the unique name, of such a resource (its words). */
  reference?: string
  /** What its text must look like, and that in words. */
  form?: { pattern: RegExp; words: string }
  /** The API refuses a create without it. */
  required?: boolean
  /** The guide of `create` asks for it although it may be left out. */
  ask?: boolean
  /** Fields that cannot be changed later, or only later; both unless given. */
  only?: 'create' | 'update'
}

/** A query parameter of a list. */
export interface Filter {
  flag: string
  parameter: string
  summary: string
  kind?: 'text' | 'number' | 'list' | 'boolean'
  choices?: readonly string[]
  reference?: string
}

/** One of several shapes of a resource, chosen by the value of one field (`provider`, `type`). */
export interface Variants {
  field: string
  of: Readonly<Record<string, Variant>>
}

export interface Variant {
  summary: string
  fields: readonly Field[]
  /** Values that this shape always has, by path. */
  constants?: Readonly<Record<string, string | number | boolean>>
}

export interface ResourceColumn {
  heading: string
  /** Where the cell's text stands in the object; several: the first that is there. */
  paths: readonly string[]
}

export const verbs = ['list', 'get', 'create', 'update', 'delete', 'clone'] as const
export type Verb = (typeof verbs)[number]

/** A resource of the API: what list, get, create, update, delete and clone need to know of it. */
export interface Resource {
  /** Words of its commands: `simulation personality`. */
  words: string
  /** One of them in words of people: `phone number`. */
  noun: string
  plural: string
  /** `/assistant`; `{provider}` stands for a value that a flag of that name gives. */
  path: string
  verbs: readonly Verb[]
  /** Verbs that have a command of their own in place of the common one. */
  own?: readonly Verb[]
  /** A bare array, `{results, metadata}`, or one of both by the server's mood. */
  shape: 'array' | 'page' | 'either'
  /**
   * How a long list is had in parts: `pages` by number; `created` backwards by `createdAtLe`; `limit` as one part of a wanted size;
   * `whole` always at once.
   */
  paging: 'pages' | 'created' | 'limit' | 'whole'
  /** Rows asked for at once; small where one row is large. */
  pageSize?: number
  filters: readonly Filter[]
  columns: readonly ResourceColumn[]
  /** Fields by which people know it, in the order of trying: `name`, `number`. */
  nameFields: readonly string[]
  fields: readonly Field[]
  variants?: Variants
  /** Values of placeholders in `path`. */
  placeholders?: Readonly<Record<string, { choices: readonly string[]; summary: string }>>
  /** Fields that every update carries, changed or not; that of the variants is one by itself. */
  sentAlways?: readonly string[]
  /** Query that goes along with an update. */
  updateQuery?: Readonly<Record<string, string>>
  /** What the server adds, beside id, orgId, createdAt and updatedAt; a clone leaves it out. */
  serverFields?: readonly string[]
  /** Body that a delete needs. */
  deleteBody?: object
  /** Said by every command of it. */
  deprecated?: string
  /** Not in the API's document: a server may not have it. */
  undocumented?: boolean
  /** How delete is described, where it is not what one expects. */
  deleteNote?: string
}
