import { z } from 'zod'

/** Facts of a project by name; all that are given must hold. A list holds where one of it does. */
const when = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
export type When = z.infer<typeof when>

const part = z.enum(['button', 'webhook', 'example'])

const file = z.strictObject({
  part,
  /** Relative to the template's folder. */
  from: z.string(),
  /** Relative to the project's folder; `{name}` is a fact of it. `.ts` and `.tsx` become `.js` and `.jsx` in a JavaScript project. */
  to: z.string(),
  /** The first line of the file, in this template alone: 'use client'. */
  head: z.string().optional(),
  /** Words of a shared file, and what this template has in their place: the package, the prefix of variables. */
  words: z.record(z.string(), z.string()).default({}),
  when: when.optional(),
})
export type TemplateFile = z.infer<typeof file>

/** Lines in a file of the user's. Without an anchor they are told instead. */
const registration = z.strictObject({
  part,
  file: z.string(),
  /** `$<name>` is what the anchor's group of that name matched: the user's own name of a thing. */
  add: z.string(),
  /** Patterns (multi-line): the lines go behind or before the first match, or behind the last one. */
  after: z.string().optional(),
  before: z.string().optional(),
  afterLast: z.string().optional(),
  atEnd: z.boolean().optional(),
  /** With `after`: right behind the match, within its line. */
  inline: z.boolean().optional(),
  /** The lines begin as far in as the one that is matched. */
  indent: z.boolean().optional(),
  /** It is there already where this matches; else where the lines are. */
  unless: z.string().optional(),
  /** What it is for, for people who have to add it by hand. */
  why: z.string(),
  when: when.optional(),
})

/** A value in a JSON file of the user's, which keeps its comments and form. */
const jsonEdit = z.strictObject({
  part,
  file: z.string(),
  path: z.array(z.union([z.string(), z.number()])),
  /** Set where there is none; with `append`, added to the list unless it is in it. */
  value: z.unknown(),
  append: z.boolean().optional(),
  when: when.optional(),
})

const sdk = z.strictObject({
  parts: z.array(part),
  packages: z.array(z.string()).min(1),
  /** Further arguments of the package manager's command. */
  arguments: z.array(z.string()).default([]),
  dev: z.boolean().optional(),
  when: when.optional(),
})

const variable = z.strictObject({
  parts: z.array(part),
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  comment: z.string(),
  value: z.string().optional(),
  when: when.optional(),
})

/** `template.yaml`: what a template writes into a project of its framework. */
export const templateSchema = z.strictObject({
  format: z.literal(1),
  /** An id of the table of frameworks. */
  framework: z.string(),
  /** Of several templates of a framework the one with the most of these that hold. */
  when: when.optional(),
  /** `project`: its scripts are modules in the project's own form, CommonJS too. Else what bundles them takes ES modules. */
  modules: z.literal('project').optional(),
  /** Words of the template's files that are the project's own, and the fact that takes their place. */
  values: z.record(z.string(), z.string()).default({}),
  files: z.array(file),
  registrations: z.array(registration).default([]),
  json: z.array(jsonEdit).default([]),
  sdk: z.array(sdk).default([]),
  environment: z.array(variable).default([]),
  /** What the example of the environment is copied to: never in the repository. */
  environmentFiles: z.array(z.string()).default(['.env']),
  /** Where the webhook answers, and what shows that the whole compiles. */
  webhookPath: z.string().optional(),
  port: z.number().int().optional(),
  proof: z.array(z.string()).optional(),
  /** Why this was never built with the framework itself, where it was not. */
  unproven: z.string().optional(),
  /** What to do when all is written, in the order in which it is done. */
  next: z
    .array(z.strictObject({ text: z.string(), part: part.optional(), when: when.optional() }))
    .default([]),
  /** What the user has to know besides. */
  notes: z
    .array(z.strictObject({ text: z.string(), part: part.optional(), when: when.optional() }))
    .default([]),
})

export type Template = z.infer<typeof templateSchema> & {
  /** Absolute. */
  folder: string
}
