import { VapiError, type VapiErrorDetails } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { CompileCallOptions } from './call-members.ts'
import type { Json } from './overrides.ts'
import { type CallConfiguration, type CallMember, noAccount } from './sources.ts'

/** What something outside the configuration answered while the assistants of a call were made. */
export interface OutsideAnswer {
  /** What was asked: something stored, an assistant to be prepared, the tools of an MCP server. */
  question: string
  answer?: unknown
  error?: Pick<VapiErrorDetails, 'code' | 'message' | 'exit' | 'hint'>
}

/** All that is needed to compile the assistants of a call again: plain data without secrets. */
export interface CallRecipe {
  configuration: CallConfiguration
  options: Pick<CompileCallOptions, 'semantics' | 'variables' | 'epochMs' | 'id' | 'type'>
  /** It grows while the call runs. */
  answers: OutsideAnswer[]
}

type Outside = Required<Pick<CompileCallOptions, 'loadStored' | 'prepare'>> &
  Pick<CompileCallOptions, 'listMcpTools'>

/** The options with every answer from outside kept in `answers`. */
export function keepAnswers(options: CompileCallOptions, answers: OutsideAnswer[]): CompileCallOptions {
  const keep = async <Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await ask()
      answers.push({ question, answer: withoutSecrets(answer) })
      return answer
    } catch (error) {
      if (error instanceof VapiError) {
        const { code, message, exit, hint } = error
        answers.push({ question, error: { code, message, exit, hint } })
      }
      throw error
    }
  }
  const { loadStored = noAccount, prepare, listMcpTools } = options
  return {
    ...options,
    loadStored: (kind, name) => keep(storedQuestion(kind, name), () => loadStored(kind, name)),
    ...(prepare !== undefined && {
      prepare: member => keep(memberQuestion(member), () => prepare(member)),
    }),
    ...(listMcpTools !== undefined && {
      listMcpTools: tool => keep(toolQuestion(tool), () => listMcpTools(tool)),
    }),
  }
}

/** What a recipe's call was compiled with: the world outside answers as it did then. */
export function optionsOf({ options, answers }: CallRecipe): CompileCallOptions {
  const find = (question: string): OutsideAnswer | undefined =>
    answers.find(answer => answer.question === question)
  const answerOf = (found: OutsideAnswer): unknown => {
    if (found.error !== undefined) throw new VapiError(found.error)
    return found.answer
  }
  const outside: Outside = {
    loadStored: async (kind, name) => {
      const found = find(storedQuestion(kind, name))
      return found === undefined ? noAccount(kind, name) : (answerOf(found) as Json)
    },
    prepare: async member => {
      const found = find(memberQuestion(member))
      return found === undefined ? member : (answerOf(found) as CallMember)
    },
    ...(answers.some(({ question }) => question.startsWith('mcp ')) && {
      listMcpTools: async tool => {
        const found = find(toolQuestion(tool))
        return found === undefined ? [] : (answerOf(found) as readonly Json[])
      },
    }),
  }
  return { ...options, ...outside }
}

function storedQuestion(kind: string, name: string): string {
  return `stored ${kind} ${name}`
}

function memberQuestion(member: CallMember): string {
  return `prepared ${JSON.stringify(withoutSecrets(member))}`
}

function toolQuestion(tool: Json): string {
  return `mcp ${JSON.stringify(withoutSecrets(tool))}`
}

/** Names whose texts give access to something. In the schema of a tool's parameters the same names are harmless objects. */
const SECRET = /(?:secret|password|privateKey|apiKey|token|authorization)$/i
const SECRET_LISTS = new Set(['credential', 'credentials', 'environmentVariables'])
/** What a template may print: its addresses stay as they are. */
const SPOKEN = new Set(['variables', 'variableValues', 'customer', 'metadata'])

/**
 * The same data without what gives access to something: secrets by their names, headers of servers, users, passwords and
 * queries of their addresses. Applied again, it changes nothing more.
 */
export function withoutSecrets<Value>(value: Value): Value {
  return clean(value, true) as Value
}

function clean(value: unknown, withAddresses: boolean): unknown {
  if (Array.isArray(value)) return value.map(item => clean(item, withAddresses))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (typeof inner === 'string' ? SECRET.test(name) : SECRET_LISTS.has(name)) return []
      if (name === 'headers' && typeof value.url === 'string') return []
      if (withAddresses && (name === 'url' || name === 'serverUrl') && typeof inner === 'string')
        return [[name, withoutAccess(inner)]]
      return [[name, clean(inner, withAddresses && !SPOKEN.has(name))]]
    }),
  )
}

/** Templates stay as they are: what they stand for is known only in the call. */
function withoutAccess(address: string): string {
  if (address.includes('{{') || !URL.canParse(address)) return address
  const url = new URL(address)
  if (url.username === '' && url.password === '' && url.search === '') return address
  url.username = ''
  url.password = ''
  url.search = ''
  return url.href
}
