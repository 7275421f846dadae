import { isObject } from '../is-object.ts'
import {
  checkToolMessage,
  error,
  type Finding,
  isGiven,
  type JsonObject,
  kindOf,
  unknownNames,
  warning,
} from './reply-findings.ts'

const SHAPE = '{"results": [{"toolCallId": "…", "result": "…"}]}'
const TOP = ['results', 'error']
const ENTRY = ['toolCallId', 'name', 'result', 'error', 'message', 'metadata']

/** Checks what a server answered to `tool-calls` with these ids (vapi-api.md 3.4). */
export function checkToolCallsReply(reply: JsonObject, callIds: readonly string[]): Finding[] {
  const { results } = reply
  if (results === undefined) {
    if (typeof reply.error === 'string') return []
    if ('result' in reply)
      return [error('result', 'a result outside the list "results" is the form of old functions', SHAPE)]
    const inner = isObject(reply.message) && 'results' in reply.message
    return [
      error('results', inner ? 'it stands inside "message", where it is not read' : 'it is missing', SHAPE),
      ...unknownNames(reply, TOP, ''),
    ]
  }
  if (!Array.isArray(results)) return [error('results', `it is ${kindOf(results)} and not a list`, SHAPE)]
  const findings = results.flatMap((entry, place) => checkEntry(entry, `results[${place}]`, callIds))
  const ids = results.map(entry => (isObject(entry) ? entry.toolCallId : undefined))
  for (const id of callIds) {
    const count = ids.filter(candidate => candidate === id).length
    if (count === 0 && typeof reply.error !== 'string')
      findings.push(
        error(
          'results',
          `no entry has the toolCallId ${id}`,
          'repeat the id of the request, once for each call',
        ),
      )
    if (count > 1)
      findings.push(
        warning('results', `${count} entries have the toolCallId ${id}`, 'one entry for each call'),
      )
  }
  return [...findings, ...unknownNames(reply, TOP, '')]
}

function checkEntry(entry: unknown, path: string, callIds: readonly string[]): Finding[] {
  if (!isObject(entry)) return [error(path, `it is ${kindOf(entry)}`, SHAPE)]
  return [
    ...checkId(entry.toolCallId, `${path}.toolCallId`, callIds),
    ...checkOutcome(entry, path),
    ...checkMessage(entry, path),
    ...unknownNames(entry, ENTRY, path),
  ]
}

function checkId(id: unknown, path: string, callIds: readonly string[]): Finding[] {
  if (typeof id !== 'string')
    return [error(path, `it is ${kindOf(id)}`, `repeat the id of the request: "${callIds[0] ?? '…'}"`)]
  if (callIds.includes(id)) return []
  return [
    error(path, `${JSON.stringify(id)} is not the id of a call of this request`, `use ${callIds.join(', ')}`),
  ]
}

function checkOutcome(entry: JsonObject, path: string): Finding[] {
  const findings = (['result', 'error'] as const).flatMap(name => {
    const value = entry[name]
    if (value === undefined) return []
    return checkText(value, `${path}.${name}`, name)
  })
  if (entry.result === undefined && entry.error === undefined)
    findings.push(error(path, 'it has neither "result" nor "error"', SHAPE))
  if (isGiven(entry.result) && isGiven(entry.error))
    findings.push(warning(path, 'it has both "result" and "error"', 'give the one that holds'))
  return findings
}

function checkText(value: unknown, path: string, name: string): Finding[] {
  if (value === null) return [error(path, 'it is null', `${name} is a text`)]
  if (typeof value === 'object')
    return [
      warning(
        path,
        `it is ${kindOf(value)}, which the platform makes a text of`,
        'send the text that you mean',
      ),
    ]
  if (typeof value !== 'string') return [warning(path, `it is ${kindOf(value)}`, `${name} is a text`)]
  if (value.trim() === '') return [warning(path, 'it is empty', 'say in words what came of it')]
  if (/[\r\n\u2028\u2029]/.test(value))
    return [
      warning(
        path,
        'it has several lines',
        'keep it to one line: line breaks are known to break the parsing',
      ),
    ]
  return []
}

function checkMessage(entry: JsonObject, path: string): Finding[] {
  if (!isGiven(entry.message)) return []
  const type = isGiven(entry.error) ? 'request-failed' : 'request-complete'
  return checkToolMessage(entry.message, [type], `${path}.message`)
}
