import { checkCall } from '../call/live/check/check.ts'
import type {
  CallCheck,
  CheckedAssistant,
  CheckedEngine,
  CheckedPart,
  Problem,
} from '../call/live/check/types.ts'
import type { CallRequest } from '../call/live/prepare.ts'
import type { Context } from '../cli/context.ts'
import type { ExitCode } from '../errors.ts'
import { VapiError } from '../errors.ts'
import { printableLines } from '../output/table.ts'
import { createFliteEngine } from '../providers/embedded/flite-engine.ts'
import { keptKeysOf } from './call-kept-keys.ts'

const STAGES: Readonly<Record<CheckedPart['stage'] | CheckedEngine['stage'], string>> = {
  customer: 'customer',
  denoiser: 'denoiser',
  transcriber: 'transcriber',
  endpointing: 'turns',
  model: 'model',
  voice: 'voice',
  realtime: 'realtime',
  output: 'output',
  echo: 'echo',
}
const WIDTH = 13

/** Prints what a call would use. Throws, with all that is missing, where it cannot begin. */
export async function printCheck(
  request: CallRequest,
  online: boolean,
  context: Context,
): Promise<ExitCode | undefined> {
  const { output, env, workingDirectory, signal } = context
  const flite = createFliteEngine()
  try {
    const http = await context.http()
    const surroundings = { http, flite, env, workingDirectory, signal, findKeptKey: keptKeysOf(context) }
    const done = output.waiting('looking at the parts of the call')
    const check = await checkCall(request, surroundings, online).finally(done)
    for (const warning of check.warnings) output.warning(warning)
    if (output.isJson) await output.document(check)
    else output.text(textOf(check))
    if (!check.ready) throw notReady(check)
    return undefined
  } finally {
    await flite.close()
  }
}

function notReady({ problems, exit }: CallCheck): VapiError {
  const blocking = [...new Set(problems.filter(({ blocks }) => blocks).map(({ message }) => message))]
  const [first] = problems.filter(problem => problem.blocks && problem.exit === exit)
  return new VapiError({
    code: 'call-not-ready',
    message: `the call cannot begin: ${blocking.join('; ')}`,
    exit,
    ...(first?.hint != null && { hint: first.hint }),
  })
}

function textOf({ assistants, parts, engines, prices, ready }: CallCheck): string {
  const told = new Set<string>()
  const of = (stage: CheckedEngine['stage']) => engines.filter(engine => engine.stage === stage)
  const blocks = [
    [...of('customer'), ...of('denoiser'), ...of('output'), ...of('echo')].flatMap(engine =>
      engineLines(engine, told),
    ),
    ...assistants.map((assistant, member) => [
      assistant.name ?? (assistants.length === 1 ? 'the assistant' : `assistant ${member + 1}`),
      ...parts.filter(part => part.member === member).flatMap(part => partLines(part, told)),
      ...of('endpointing')
        .filter(engine => engine.member === member)
        .flatMap(engine => engineLines(engine, told)),
      ...summaryLines(assistant),
    ]),
    [
      `Prices are estimates (${prices.date}); half of a minute spoken by the assistant, ${prices.assumed.requestsPerMinute} requests to the model.`,
      ...(ready ? ['The call can begin.'] : []),
    ],
  ]
  return printableLines(`${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`)
}

function engineLines({ stage, engine, problem }: CheckedEngine, told: Set<string>): string[] {
  return [line(STAGES[stage], engine), ...problemLines(problem, told)]
}

function partLines(part: CheckedPart, told: Set<string>): string[] {
  const { stage, role, provider, name, engine, address, runs, keyTest } = part
  const label = role === 'own' ? STAGES[stage] : role
  const chosen = name === null ? provider : `${provider}/${name}`
  const full = engine === null ? chosen : `${chosen}: ${engine}`
  const where = address ?? (runs === 'this-machine' ? 'on this machine' : null)
  if (runs === 'nowhere') return [line(label, full), ...problemLines(part.problem, told)]
  return [
    line(label, [role === 'own' ? full : `${full} (${STAGES[stage]})`, where].filter(Boolean).join('  ')),
    line('', [keyText(part), proofText(part), figures(part)].filter(text => text !== '').join(' · ')),
    ...(part.session === null ? [] : [line('', sessionText(part.session))]),
    ...(keyTest?.outcome === 'accepted' ? [line('', 'the provider takes the key')] : []),
    ...(keyTest?.outcome === 'restricted' || keyTest?.outcome === 'untested'
      ? [line('', `the key was not tried to the end: ${keyTest.said ?? 'no request is known that tells'}`)]
      : []),
    ...problemLines(part.problem, told),
  ]
}

function sessionText({ transcriber, voice }: NonNullable<CheckedPart['session']>): string {
  const parts = [
    transcriber === null ? null : `writes down with ${transcriber}`,
    voice === null ? null : `speaks with ${voice}`,
  ]
  return `listens itself; ${parts.filter(part => part !== null).join(', ')}`
}

function keyText({ key }: CheckedPart): string {
  switch (key.from) {
    case 'environment':
      return `key: ${key.variable}`
    case 'kept':
      return `key: ${key.storage === 'file' ? 'configuration file' : key.storage}`
    case 'assistant.credentials':
      return 'key: credentials of the assistant'
    case 'server':
      return 'key: as its server settings say'
    case 'none':
      return 'key: none'
    case 'not-needed':
      return 'no key needed'
  }
}

function proofText({ proof, verified, address }: CheckedPart): string {
  // What runs inside this program has no protocol to prove.
  if (proof === null) return address === null ? '' : 'unverified'
  if (!verified || proof.by === 'nothing') return 'unverified'
  return `verified by ${proof.by === 'client-library' ? `client library ${proof.name}` : `documentation ${proof.url}`}`
}

function figures({ typicalMs, pricePerMinute }: CheckedPart): string {
  const time = typicalMs === null ? 'latency not documented' : `typically ${typicalMs} ms`
  return `${time} · ${pricePerMinute === null ? 'price unknown' : `${dollars(pricePerMinute)} a minute`}`
}

function summaryLines({ latency, price }: CheckedAssistant): string[] {
  const { endpointing, wait, leastMs, unknown } = latency
  const { by, leastMs: shortest, mostMs, customRules } = endpointing
  const waits = shortest === null ? `${by} decides` : `${by} waits ${shortest} to ${mostMs} ms`
  const rules = customRules === 0 ? '' : `, after ${customRules} rules of its own`
  const missing = (names: readonly string[]) =>
    names.length === 0 ? '' : ` and what is not known: ${names.join(', ')}`
  return [
    line('', `${waits}${rules}; waitSeconds ${wait.mode === 'added' ? 'adds' : 'is at least'} ${wait.ms} ms`),
    line('latency', `from ${leastMs} ms to the first sound${missing(unknown)}`),
    line('price', `${dollars(price.perMinute)} a minute${missing(price.unknown)}`),
  ]
}

/** What is wrong, and what to do; the same advice once. */
function problemLines(problem: Problem | null, told: Set<string>): string[] {
  if (problem === null) return []
  const { message, hint, blocks } = problem
  const isNew = hint !== null && !told.has(hint)
  if (isNew) told.add(hint)
  return [
    line('', `${blocks ? 'missing' : 'will be passed over'}: ${message}`),
    ...(isNew ? [line('', `hint: ${hint}`)] : []),
  ]
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(WIDTH)}${text}`
}

function dollars(amount: number): string {
  return amount === 0 ? '$0' : `$${amount < 0.001 ? amount.toPrecision(1) : amount.toFixed(4)}`
}
