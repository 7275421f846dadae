// The API's description from the official SDK (a development dependency): every operation, type, field and comment, in the
// form of `ApiDescription` (src/mcp/content/api-description.ts). Only the syntax of its declarations is read, which the SDK's
// generator writes in one fixed manner; what is not in that manner stops the build.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { corrections } from './schema.mjs'

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const sdk = join(modules, '@vapi-ai/server-sdk')
const api = join(sdk, 'dist/cjs/api')
const require = createRequire(import.meta.url)

/**
 * Beside the corrections of scripts/schema.mjs (reference: vapi-api.md; a test compares with the API's document).
 */
const further = {
  values: { FallbackVapiVoiceVersion: [1, 2] },
  /** Left over from the API's document; no such field exists. */
  surplus: { FallbackAzureVoice: 'oneOf' },
  /** Members that a union lacks, by the value of its tag `type`. */
  members: {
    CreateToolsRequest: ['code', 'CreateCodeToolDto'],
    UpdateToolsRequestBody: ['code', 'UpdateCodeToolDto'],
  },
  /** Defaults of fields, wherever they stand without one. */
  defaults: { firstMessageInterruptionsEnabled: 'false', cachingEnabled: 'true' },
}

/** The description, from the cache where neither the SDK nor this script has changed. */
export async function apiDescription() {
  const cached = join(modules, '.cache', 'vapi-api-description', `${await fingerprint()}.br`)
  const packed = await readFile(cached).catch(() => null)
  if (packed !== null) return JSON.parse(brotliDecompressSync(packed).toString())
  const made = await readDescription()
  await mkdir(join(cached, '..'), { recursive: true })
  // Builds may run side by side: what is in the cache is always whole.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
  await writeFile(`${cached}.${process.pid}`, brotliCompressSync(JSON.stringify(made), { params }))
  await rename(`${cached}.${process.pid}`, cached)
  return made
}

async function fingerprint() {
  const hash = createHash('sha256')
  for (const file of [
    join(sdk, 'package.json'),
    fileURLToPath(import.meta.url),
    fileURLToPath(new URL('schema.mjs', import.meta.url)),
  ])
    hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function readDescription() {
  // The compiler that the project itself uses has no programming interface.
  const ts = createRequire(require.resolve('ts-json-schema-generator'))('typescript')
  const declarations = new Map()
  const resources = await readdir(join(api, 'resources'), { withFileTypes: true })
  const folders = resources.filter(entry => entry.isDirectory()).map(({ name }) => name)
  for (const folder of [
    'types',
    ...folders.flatMap(name => [`resources/${name}/types`, `resources/${name}/client/requests`]),
  ])
    await readDeclarations(ts, join(api, folder), declarations)
  const types = namedTypes(ts, declarations)
  const byName = new Map(types.map(type => [type.name, type]))
  const operations = []
  for (const name of folders) operations.push(...(await readClient(ts, name, byName)))
  const requests = new Set(operations.flatMap(operation => operation.request))
  return {
    operations: operations.map(({ request: _request, ...operation }) => operation),
    types: types.filter(({ name }) => !requests.has(name)),
  }
}

/** Puts the statements of each file into `declarations`: name → { interface, alias, constant, members, text }. */
async function readDeclarations(ts, folder, declarations) {
  const files = (await readdir(folder).catch(() => [])).filter(
    file => file.endsWith('.d.ts') && file !== 'index.d.ts',
  )
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  files.forEach((file, number) => {
    const text = texts[number]
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false)
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) put(statement.name.text, { body: statement })
      else if (ts.isTypeAliasDeclaration(statement)) put(statement.name.text, { alias: statement })
      else if (ts.isVariableStatement(statement)) {
        for (const { name, type } of statement.declarationList.declarations)
          put(name.text, { constant: type, comment: statement })
      } else if (ts.isModuleDeclaration(statement)) put(statement.name.text, { space: statement.body })
    }
    function put(name, found) {
      declarations.set(name, { ...declarations.get(name), text, ...found })
    }
  })
}

function namedTypes(ts, declarations) {
  const tags = new Map()
  const types = []
  for (const [name, declaration] of declarations) {
    const { body, alias, constant, space, text } = declaration
    const members = new Map()
    for (const inner of space?.statements ?? [])
      if (ts.isInterfaceDeclaration(inner)) members.set(inner.name.text, inner)
    const reader = typeReader(ts, text, name, members, tags)
    const type =
      constant === undefined
        ? body === undefined
          ? reader.read(alias.type)
          : { kind: 'object', fields: reader.fields(body) }
        : { kind: 'choice', values: constant.members.map(({ type }) => reader.literal(type.literal)) }
    types.push({
      name: plainName(name),
      description: commentOf(ts, text, body ?? declaration.comment ?? alias),
      deprecated: false,
      type,
    })
  }
  for (const type of types) addTags(type, tags.get(type.name))
  correct(new Map(types.map(type => [type.name, type])))
  return types
}

function correct(types) {
  const find = (name, field) => {
    const type = types.get(name)
    const found = field === undefined ? type : type?.type.fields.find(one => one.name === field)
    if (found === undefined)
      throw new Error(`${name} ${field ?? ''} is not in the SDK: mend the corrections in scripts`)
    return found
  }
  for (const [name, properties] of Object.entries(corrections.properties)) {
    for (const [property, schema] of Object.entries(properties))
      find(name, property).type =
        schema.enum === undefined
          ? { kind: 'plain', name: schema.type }
          : { kind: 'choice', values: schema.enum }
  }
  for (const [name, values] of Object.entries({ ...corrections.values, ...further.values })) {
    const type = find(name)
    type.type = { kind: 'choice', values: [...new Set([...(type.type.values ?? []), ...values])] }
  }
  for (const name of corrections.open) {
    const members = [find(name).type, { kind: 'plain', name: 'string' }].map(type => ({ type, values: [] }))
    find(name).type = { kind: 'union', tag: null, members }
  }
  for (const [union, [value, name]] of Object.entries(further.members)) {
    find(union).type.members.push({ type: { kind: 'named', name }, values: [value] })
    addTags(find(name), new Map([['type', [value]]]))
  }
  for (const [name, field] of Object.entries(further.surplus)) {
    const { fields } = find(name).type
    fields.splice(fields.indexOf(find(name, field)), 1)
  }
  for (const { type } of types.values())
    for (const field of type.kind === 'object' ? type.fields : []) {
      const known = Object.hasOwn(further.defaults, field.name) && !field.description.includes('@default')
      if (known) field.default = further.defaults[field.name]
    }
}

/** A member of a union has its tag in the union only; the type that it stands for gets it here. */
function addTags({ type }, found) {
  if (found === undefined || type.kind !== 'object') return
  for (const [name, values] of found) {
    if (type.fields.some(field => field.name === name)) continue
    type.fields.unshift({
      ...emptyField(name),
      required: true,
      type: { kind: 'choice', values: [...values] },
    })
  }
}

function emptyField(name) {
  const facts = {
    required: false,
    nullable: false,
    deprecated: false,
    default: null,
    limits: '',
    description: '',
  }
  return { name, type: { kind: 'plain', name: 'any' }, ...facts }
}

/** Reads the types of one declaration. `members`: the interfaces of its namespace. `tags` collects type → tag → values. */
function typeReader(ts, text, owner, members, tags) {
  const plain = {
    [ts.SyntaxKind.StringKeyword]: 'string',
    [ts.SyntaxKind.NumberKeyword]: 'number',
    [ts.SyntaxKind.BooleanKeyword]: 'boolean',
    [ts.SyntaxKind.UnknownKeyword]: 'any',
    [ts.SyntaxKind.VoidKeyword]: 'any',
  }
  const isUndefined = node => node.kind === ts.SyntaxKind.UndefinedKeyword
  const isNull = node => ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword

  function read(node) {
    if (plain[node.kind] !== undefined) return { kind: 'plain', name: plain[node.kind] }
    if (ts.isParenthesizedTypeNode(node)) return read(node.type)
    if (ts.isArrayTypeNode(node)) return { kind: 'list', item: read(node.elementType) }
    if (ts.isLiteralTypeNode(node)) return { kind: 'choice', values: [literal(node.literal)] }
    if (ts.isTypeLiteralNode(node)) return { kind: 'object', fields: fields(node) }
    if (ts.isUnionTypeNode(node)) {
      const parts = partsOf(node).filter(part => !isUndefined(part) && !isNull(part))
      if (parts.length === 1) return read(parts[0])
      const list = parts.map(member)
      const tag = list.find(one => one.tag !== null)?.tag ?? null
      return { kind: 'union', tag, members: list.map(({ type, values }) => ({ type, values })) }
    }
    if (ts.isTypeReferenceNode(node)) return reference(node)
    throw new Error(
      `${owner} of the SDK is written in a manner that scripts/api-description.mjs does not know`,
    )
  }

  function partsOf(node) {
    const bare = ts.isParenthesizedTypeNode(node) ? node.type : node
    return ts.isUnionTypeNode(bare) ? bare.types.flatMap(partsOf) : [bare]
  }

  function reference(node) {
    const names = namesOf(node.typeName)
    if (names[0] === 'Record') {
      const [, value] = node.typeArguments
      return value.kind === ts.SyntaxKind.UnknownKeyword
        ? { kind: 'plain', name: 'object' }
        : { kind: 'map', value: read(value) }
    }
    if (names[0] === 'core') return { kind: 'plain', name: 'file' }
    if (names.length === 3) return member(node).type
    return { kind: 'named', name: plainName(names[1] ?? names[0]) }
  }

  function namesOf(name) {
    return ts.isIdentifier(name) ? [name.text] : [...namesOf(name.left), name.right.text]
  }

  /** A member of a union: what its interface extends, and the tag's value that it adds. */
  function member(node) {
    const names = ts.isTypeReferenceNode(node) ? namesOf(node.typeName) : []
    const inner = names.length === 3 && names[1] === owner ? members.get(names[2]) : undefined
    if (inner === undefined) return { tag: null, values: [], type: read(node) }
    const own = fields(inner)
    const [base] = inner.heritageClauses ?? []
    const tag = own.find(({ type }) => type.kind === 'choice')
    const values = tag?.type.values.map(String) ?? []
    if (base === undefined) return { tag: tag?.name ?? null, values, type: { kind: 'object', fields: own } }
    const name = plainName(base.types[0].expression.name.text)
    for (const field of own) {
      if (field.type.kind !== 'choice') continue
      const found = tags.get(name) ?? new Map()
      tags.set(name, found.set(field.name, new Set([...(found.get(field.name) ?? []), ...field.type.values])))
    }
    return { tag: tag?.name ?? null, values, type: { kind: 'named', name } }
  }

  function fields(node) {
    return node.members.flatMap(property => {
      if (!ts.isPropertySignature(property)) return []
      const parts = partsOf(property.type)
      const optional = property.questionToken !== undefined || parts.some(isUndefined)
      return {
        ...emptyField(property.name.text),
        type: read(property.type),
        required: !optional,
        nullable: parts.some(isNull),
        description: commentOf(ts, text, property),
      }
    })
  }

  function literal(node) {
    if (ts.isStringLiteral(node)) return node.text
    if (ts.isNumericLiteral(node)) return Number(node.text)
    if (ts.isPrefixUnaryExpression(node)) return -Number(node.operand.text)
    return node.kind === ts.SyntaxKind.TrueKeyword
  }

  return { read, fields, literal }
}

/** `File_` → `File`: the underscore keeps the SDK's names apart from JavaScript's own. */
function plainName(name) {
  return name.replace(/_$/, '')
}

/** The text of the comment before a node. */
function commentOf(ts, text, node) {
  const range = ts.getLeadingCommentRanges(text, node.pos)?.at(-1)
  if (range === undefined) return ''
  const comment = text.slice(range.pos, range.end)
  if (!comment.startsWith('/**')) return ''
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** The operations of a resource: declarations say what they take and return, the code says where they go. */
async function readClient(ts, resource, types) {
  const folder = join(api, 'resources', resource, 'client')
  const [text, code] = await Promise.all(
    ['Client.d.ts', 'Client.js'].map(file => readFile(join(folder, file), 'utf8')),
  )
  const source = ts.createSourceFile('Client.d.ts', text, ts.ScriptTarget.Latest, false)
  const operations = []
  for (const statement of source.statements.filter(ts.isClassDeclaration)) {
    for (const method of statement.members.filter(ts.isMethodDeclaration))
      operations.push(readMethod(ts, { resource, text, code, types }, method))
  }
  return operations
}

function readMethod(ts, { resource, text, code, types }, method) {
  const name = method.name.text
  const block = blockOf(code, name)
  const path = /environments\.\w+\.\w+, ["`]([^"`]*)["`]\)/.exec(block)?.[1]
  const verb = /^\s+method: "([A-Z]+)"/m.exec(block)?.[1]
  if (path === undefined || verb === undefined)
    throw new Error(`client.${resource}.${name} of the SDK: no path found; mend scripts/api-description.mjs`)
  const reader = typeReader(ts, text, name, new Map(), new Map())
  const request = method.parameters.find(parameter => parameter.name.text === 'request')
  const requestName = request === undefined ? null : reader.read(request.type).name
  const filled = `/${path.replace(/\$\{core\.url\.encodePathParam\((\w+)\)\}/g, '{$1}')}`
  const inPath = [...filled.matchAll(/\{(\w+)\}/g)].map(match => match[1])
  const inQuery = queryNames(block)
  const target = requestName === null ? undefined : types.get(requestName)
  const fields = target?.type.kind === 'object' ? target.type.fields : []
  const isMultipart = /requestType: "file"/.test(block)
  const sendsBody = isMultipart || /^\s+body: (_body|request),$/m.test(block)
  const outside = [...inPath, ...inQuery]
  const pick = names => names.map(one => fields.find(field => field.name === one) ?? emptyField(one))
  let body = null
  let consumed = []
  if (sendsBody) {
    const wrapped = /body: _body \} = request/.test(block)
      ? fields.find(field => field.name === 'body')
      : undefined
    const rest = fields.filter(field => !outside.includes(field.name))
    if (wrapped !== undefined) {
      body = wrapped.type
      consumed = [requestName]
    } else {
      // The name stays the body's, without the parameters that the SDK mixes into it.
      body = { kind: 'named', name: requestName }
      if (rest.length < fields.length) target.type = { kind: 'object', fields: rest }
    }
  } else if (requestName !== null) consumed = [requestName]
  const response = method.type.typeArguments[0]
  return {
    method: verb,
    path: filled,
    id: '',
    sdk: `client.${resource}.${name}`,
    summary: '',
    description: commentOf(ts, text, method)
      .replace(/(^|\n)@[\s\S]*$/, '')
      .trim(),
    tag: resource,
    deprecated: false,
    pathParameters: pick(inPath).map(field => ({ ...field, required: true })),
    queryParameters: pick(inQuery),
    body: body && { type: body, format: isMultipart ? 'multipart' : 'json' },
    response: response.kind === ts.SyntaxKind.VoidKeyword ? null : reader.read(response),
    request: consumed,
  }
}

/** The code of a method: from `__name(` to the next method. */
function blockOf(code, name) {
  const start = code.indexOf(`\n    __${name}(`)
  if (start < 0) throw new Error(`__${name} is not in the SDK's client; mend scripts/api-description.mjs`)
  const end = code.indexOf('\n    __', start + 5)
  return code.slice(start, end < 0 ? code.length : end)
}

/** The names in `const _queryParams = { limit, createdAtGt: …, };`. */
function queryNames(block) {
  const list = /const _queryParams = \{([\s\S]*?)\n\s+\};/.exec(block)?.[1] ?? ''
  return [...list.matchAll(/^\s{12,20}(\w+)(?:,$|:)/gm)].map(match => match[1])
}
