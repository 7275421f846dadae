import { stripVTControlCharacters } from 'node:util'
import type { ChalkInstance } from 'chalk'
import { levelBar } from '../audio/level.ts'
import type { EndpointingSource, Observation, TurnLatency } from '../engine/observations.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/table.ts'

/** The stages of a turn in their order, as the latency bar draws them. */
const stages = [
  { key: 'endpointingMs', label: 'endpointing', mark: '█', colour: 'cyan' },
  { key: 'modelMs', label: 'model', mark: '▓', colour: 'magenta' },
  { key: 'voiceMs', label: 'voice', mark: '▒', colour: 'yellow' },
  { key: 'waitMs', label: 'wait', mark: '░', colour: 'blue' },
] as const

/** Who decided the end of a turn, in words. */
const deciders: Readonly<Record<EndpointingSource, string>> = {
  'custom-rule': 'custom rule',
  livekit: 'livekit',
  vapi: 'text heuristics',
  krisp: 'krisp',
  'custom-model': 'custom endpointing model',
  transcriber: 'transcriber',
  transcription: 'transcription plan',
}

/** Length of the bar of a turn that took FULL_BAR_MS; longer turns do not grow it. */
const BAR_COLUMNS = 36
const FULL_BAR_MS = 3600
const METER_COLUMNS = 10
const INDENT = ' '.repeat(21)

/** Who does something in a call, and the colour of the name. */
const speakers = { customer: 'green', assistant: 'cyan', tool: 'magenta', ended: 'bold' } as const

/** Shows a call as it happens: who says what, what decided, and where the time of each turn went. */
export class CallView {
  private readonly output: Output
  private readonly paint: ChalkInstance
  private readonly partials: boolean
  /** What the status line shows: level and unfinished words of the customer. */
  private meter = ''
  private said = ''
  private partial = ''

  private constructor(output: Output, paint: ChalkInstance, partials: boolean) {
    this.output = output
    this.paint = paint
    this.partials = partials
  }

  /** `partials`: show unfinished words on the terminal's status line. */
  static async create(output: Output, partials: boolean): Promise<CallView> {
    const { Chalk } = await import('chalk')
    return new CallView(output, new Chalk({ level: output.options.colour.stdout ? 1 : 0 }), partials)
  }

  show(observation: Observation): void {
    const { paint } = this
    const { atMs } = observation
    switch (observation.type) {
      case 'transcript':
        if (observation.role === 'assistant') break
        if (observation.transcriptType === 'final')
          this.line(atMs, paint.green('customer'), observation.transcript)
        this.partial = observation.transcriptType === 'final' ? '' : `${observation.transcript} …`
        if (this.partials && this.partial !== '')
          this.output.status(`${' '.repeat(9)}${this.meter} ${this.partial}`)
        break
      case 'transcript.dropped':
        this.detail(
          atMs,
          `dropped: “${observation.transcript}” (confidence ${observation.confidence} under ${observation.minimum})`,
        )
        break
      case 'transcript.self-heard':
        this.detail(atMs, `the assistant itself: “${observation.transcript}”`)
        break
      case 'endpointing.decided':
        this.detail(
          atMs,
          `${deciders[observation.by]}: wait ${observation.waitMs} ms (${observation.detail})`,
        )
        break
      case 'assistant.speech.started':
        this.line(atMs, paint.cyan('assistant'), observation.text)
        break
      case 'turn.latency':
        this.write(`${INDENT}${this.bar(observation)}\n`)
        break
      case 'assistant.speech.stopped':
        if (observation.reason === 'interrupted') {
          this.detail(
            atMs,
            `interrupted; heard: ${observation.spokenText === '' ? 'nothing' : `“${observation.spokenText}”`}`,
          )
        }
        break
      case 'interruption':
        if (observation.ignored) this.detail(atMs, `interruption ignored: ${observation.reason}`)
        else this.detail(atMs, `interruption by ${observation.by}`)
        break
      case 'backoff.started':
        this.detail(atMs, `silent until ${seconds(observation.untilMs).trim()}`)
        break
      case 'tool.called':
        this.line(atMs, paint.magenta('tool'), `${observation.name} ${JSON.stringify(observation.arguments)}`)
        break
      case 'tool.completed':
        this.detail(
          atMs,
          observation.error === undefined
            ? `${observation.name}: ${observation.result}${observation.dryRun === true ? ' (dry run)' : ''}`
            : `${observation.name} failed: ${observation.error}`,
        )
        break
      case 'assistant.requested':
        this.detail(
          atMs,
          observation.outcome === 'failed'
            ? `${observation.detail} (${observation.url} was asked, ${observation.tookMs} ms)`
            : `${observation.url} answered after ${observation.tookMs} ms: ${observation.detail}${observation.dryRun === true ? ' (dry run)' : ''}`,
        )
        break
      case 'keys.pressed':
        this.line(atMs, paint.green('customer'), `presses ${observation.keys}`)
        break
      case 'keys.entered':
        this.detail(atMs, `keys as a message: ${observation.keys}`)
        break
      case 'customer.muted':
        this.detail(atMs, 'the customer is muted')
        break
      case 'customer.unmuted':
        this.detail(atMs, 'the customer is heard again')
        break
      case 'control.received':
        // What it does is told.
        if (/mute-customer$/.test(observation.command)) break
        this.detail(atMs, `live control: ${observation.command}`)
        break
      case 'transport.message':
        this.detail(atMs, `would go to the telephone line: ${JSON.stringify(observation.message)} (dry run)`)
        break
      case 'transfer.started':
        this.detail(atMs, `would be transferred to ${placeOf(observation.destination)} (dry run)`)
        break
      case 'transfer.failed':
        this.detail(
          atMs,
          `the transfer to ${placeOf(observation.destination)} failed: ${observation.message}`,
        )
        break
      case 'assistant.changed':
        this.detail(
          atMs,
          `${observation.from ?? 'the assistant'} hands over to ${observation.to ?? 'another'}`,
        )
        break
      case 'language.changed':
        this.detail(atMs, `the customer speaks ${observation.language}`)
        break
      case 'voice.switched':
        this.detail(
          atMs,
          observation.language === undefined
            ? `voice ${observation.from} failed; ${observation.to} goes on`
            : `voice ${observation.to} for the language ${observation.language}`,
        )
        break
      case 'model.switched':
        this.detail(atMs, `model ${observation.from} failed; ${observation.to} goes on`)
        break
      case 'transcriber.switched':
        this.detail(atMs, `transcriber ${observation.from} failed; ${observation.to} goes on`)
        break
      case 'voice.failed':
      case 'model.failed':
      case 'transcriber.failed':
        this.detail(atMs, observation.message)
        break
      case 'warning':
        this.output.status('')
        this.output.warning(observation.message)
        break
      case 'assistant.hanging':
        this.detail(atMs, `no answer for ${observation.waitedMs / 1000} s`)
        break
      case 'call.report':
        this.report(observation, atMs)
        break
      case 'call.ended':
        this.line(atMs, paint.bold('ended'), observation.endedReason)
        break
      default:
    }
  }

  /** Somebody says or does something. */
  say(atMs: number, who: keyof typeof speakers, text: string): void {
    this.line(atMs, this.paint[speakers[who]](who), text)
  }

  /** What stands behind what was said. */
  remark(atMs: number, text: string): void {
    this.detail(atMs, text)
  }

  /** What was made of the call, in a line each. */
  private report({ analysis, cost }: Extract<Observation, { type: 'call.report' }>, atMs: number): void {
    const { summary, successEvaluation, structuredData } = analysis
    if (summary !== undefined) this.line(atMs, this.paint.bold('summary'), String(summary))
    if (successEvaluation !== undefined)
      this.line(atMs, this.paint.bold('success'), String(successEvaluation))
    if (structuredData !== undefined) this.line(atMs, this.paint.bold('data'), JSON.stringify(structuredData))
    if (cost !== undefined) this.detail(atMs, `about $${cost.toFixed(4)} on the platform (an estimate)`)
  }

  /** Draws the customer's level on the terminal's status line. */
  level(db: number): void {
    this.meter = levelBar(db, METER_COLUMNS)
    this.output.status(`${this.said.padEnd(9)}${this.meter} ${this.partial}`)
  }

  /** Says beside the level what the keys have made of the microphone. */
  mark(text: string): void {
    this.said = text
  }

  /** Where the time of one turn went, drawn to scale and in numbers. */
  bar(latency: TurnLatency): string {
    const scale = BAR_COLUMNS / Math.max(FULL_BAR_MS, latency.totalMs)
    const drawn = stages
      .map(({ key, mark, colour }) => this.paint[colour](mark.repeat(Math.round(latency[key] * scale))))
      .join('')
    const numbers = stages.map(({ key, label }) => `${label} ${Math.round(latency[key])}`).join(' + ')
    return `${drawn} ${this.paint.dim(`${numbers} =`)} ${this.paint.bold(`${Math.round(latency.totalMs)} ms`)}`
  }

  private line(atMs: number, who: string, text: string): void {
    const padding = ' '.repeat(Math.max(0, 10 - stripVTControlCharacters(who).length))
    this.write(`${this.paint.dim(seconds(atMs))}  ${who}${padding}  ${printable(text)}\n`)
  }

  private detail(atMs: number, text: string): void {
    this.write(`${this.paint.dim(`${seconds(atMs)}${' '.repeat(12)}  ${printable(text)}`)}\n`)
  }

  private write(text: string): void {
    this.output.status('')
    this.output.text(text)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)}`.padStart(7)
}

/** Where a transfer goes: a number or an address. */
function placeOf(destination: Readonly<Record<string, unknown>>): string {
  return String(destination.number ?? destination.sipUri ?? 'somebody else')
}
