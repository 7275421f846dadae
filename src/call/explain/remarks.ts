import type { SpeakingSettings } from '../../engine/settings.ts'
import { glance } from '../../web/html.ts'
import type { AssistantSpeech, Interruption, ToolUse, Turn, TurnItem, WorkEvent } from '../report/story.ts'
import { clockTime, inLine, SOURCES } from '../report/words.ts'
import type { Remark } from './explanation.ts'
import { length, seconds } from './lengths.ts'

/** Longer speeches are cut, in characters. */
export const QUOTE_LIMIT = 160

/** What happened in a turn beside its answer, in its order, and why. */
export function remarksOn(turn: Turn): Remark[] {
  const remarks: Remark[] = []
  const met: Met = { speech: null, acknowledgement: null, tool: null }
  for (const item of turn.items) {
    remarks.push(...itemRemarks(item, turn, met))
    if (item.type === 'assistant') met.speech = item
    else if (item.type === 'tool') met.tool = item
    else if (item.type === 'customer' && item.acknowledgement) met.acknowledgement = item.text
  }
  for (const event of turn.work) remarks.push(...workRemarks(event))
  return remarks.toSorted((first, second) => first.atMs - second.atMs)
}

/** What came before an item of the same turn. */
interface Met {
  speech: AssistantSpeech | null
  acknowledgement: string | null
  tool: ToolUse | null
}

function itemRemarks(item: TurnItem, { settings }: Turn, met: Met): Remark[] {
  const { fromMs: atMs } = item
  switch (item.type) {
    case 'interruption': {
      if (!item.ignored) {
        const silence =
          item.silentUntilMs === null
            ? ''
            : ` It stayed silent for backoffSeconds, until ${clockTime(item.silentUntilMs)}.`
        return [
          {
            atMs,
            about: 'interruption',
            text: `Interrupted by ${interruptedBy(item.by, settings)}.${silence}`,
          },
        ]
      }
      return [
        {
          atMs,
          about: 'interruption',
          text: `${whyIgnored(item.reason, settings, met)}.`,
        },
      ]
    }
    case 'tool': {
      const name = inLine(item.name)
      if (item.toMs === null)
        return [{ atMs, about: 'tool', text: `${name} was called and had not answered by the end.` }]
      const took = length(item.toMs - atMs)
      return [
        {
          atMs,
          about: 'tool',
          text:
            item.error === null
              ? `${name} took ${took}.`
              : `${name} failed after ${took}: ${inLine(item.error)}.`,
        },
      ]
    }
    case 'assistant':
      return met.speech === null ? [] : [{ atMs, about: 'speech', text: furtherSpeech(item, met.tool) }]
    case 'failure':
      return [{ atMs, about: partOf(item.text), text: `${inLine(item.text)}.` }]
    case 'warning':
      return [{ atMs, about: 'warning', text: `Warning: ${inLine(item.text)}.` }]
    default:
      return []
  }
}

function interruptedBy(by: Interruption['by'], settings: SpeakingSettings | null): string {
  const { voiceMs = null, wordCount = null } = settings?.interruption ?? {}
  switch (by) {
    case 'vad':
      if (voiceMs === null) return 'a sound of the customer'
      return voiceMs === 0
        ? 'the first sound of the customer (voiceSeconds 0)'
        : `a sound of the customer that lasted voiceSeconds (${seconds(voiceMs)})`
    case 'words':
      return `the customer’s words${wordCount === null ? '' : ` (numWords ${wordCount})`}`
    case 'phrase':
      return 'one of the interruptionPhrases'
    case 'key':
      return 'the key that interrupts'
    default:
      return inLine(by)
  }
}

/** Whose failure a sentence tells of. */
function partOf(text: string): 'model' | 'transcriber' | 'voice' {
  return text.startsWith('The model') ? 'model' : text.startsWith('The transcriber') ? 'transcriber' : 'voice'
}

/** What was said after the first words of a turn. */
function furtherSpeech(
  { fromMs, source, heard, unheard, ending }: AssistantSpeech,
  tool: ToolUse | null,
): string {
  const text = glance(inLine(heard === '' ? unheard : heard), QUOTE_LIMIT)
  const what = SOURCES[source]
  const after =
    tool?.toMs == null || source !== 'model'
      ? ''
      : ` ${length(fromMs - tool.toMs)} after ${inLine(tool.name)} had answered`
  return `Went on${after}${what === null ? '' : ` (${what ?? inLine(source)})`}: “${text}”${ending === 'interrupted' ? ', until it was interrupted' : ''}.`
}

function whyIgnored(
  reason: string,
  settings: SpeakingSettings | null,
  { speech, acknowledgement }: Met,
): string {
  switch (reason) {
    case 'acknowledgement':
      return `Not interrupted by ${acknowledgement === null ? 'words that are' : `“${inLine(acknowledgement)}”, which is`} among the acknowledgementPhrases`
    case 'shorter than voiceSeconds':
      return `Not interrupted by a sound shorter than voiceSeconds${settings === null ? '' : ` (${seconds(settings.interruption.voiceMs)})`}`
    case 'not interruptible':
      return speech === null || speech.source === 'first-message'
        ? 'Not interrupted: firstMessageInterruptionsEnabled is off'
        : 'Not interrupted: this may not be interrupted'
    default:
      return `Not interrupted: ${inLine(reason)}`
  }
}

function workRemarks(event: WorkEvent): Remark[] {
  const { atMs } = event
  switch (event.type) {
    case 'hook.triggered':
      return [{ atMs, about: 'hook', text: `${hookName(event)} was triggered.` }]
    case 'hook.skipped':
      return [{ atMs, about: 'hook', text: `${hookName(event)} was skipped: ${inLine(event.reason)}.` }]
    case 'assistant.changed':
      return [
        {
          atMs,
          about: 'squad',
          text: `${inLine(event.from ?? 'The assistant')} handed over to ${inLine(event.to ?? 'another')}.`,
        },
      ]
    case 'transfer.started':
      return [
        {
          atMs,
          about: 'transfer',
          text: `Here the call would be transferred (${inLine(event.mode)}); a local call only records it.`,
        },
      ]
    case 'transfer.failed':
      return [{ atMs, about: 'transfer', text: `The transfer failed: ${inLine(event.message)}.` }]
    case 'assistant.hanging':
      return [
        { atMs, about: 'speech', text: `Nothing had been heard for ${length(event.waitedMs)} by then.` },
      ]
    case 'assistant.requested':
      return [
        {
          atMs,
          about: 'squad',
          text: `The server ${inLine(event.url)} was asked who takes the call; it took ${length(event.tookMs)}: ${inLine(event.detail)}.`,
        },
      ]
    case 'voice.switched':
      return event.language === undefined
        ? []
        : [
            {
              atMs,
              about: 'voice',
              text: `${inLine(event.to)} speaks from here on: the voice for ${inLine(event.language)}.`,
            },
          ]
    case 'transcript.dropped':
      return [
        {
          atMs,
          about: 'transcriber',
          text: `“${inLine(event.transcript)}” was left out: the transcriber was ${event.confidence} sure of it, and confidenceThreshold asks for ${event.minimum}.`,
        },
      ]
    case 'transcript.self-heard':
      return [
        {
          atMs,
          about: 'transcriber',
          text: `“${inLine(event.transcript)}” was left out: it is what the assistant was saying, heard by the customer’s microphone.`,
        },
      ]
    case 'language.changed':
      return [
        { atMs, about: 'transcriber', text: `The customer speaks ${inLine(event.language)} from here on.` },
      ]
    case 'voicemail.detected':
      return [
        { atMs, about: 'speech', text: `A machine was taken to have answered: ${inLine(event.detail)}.` },
      ]
    case 'control.received':
      return [{ atMs, about: 'speech', text: `Live control sent ${inLine(event.command)}.` }]
    case 'assistant.muted':
      return [{ atMs, about: 'speech', text: 'Live control muted the assistant.' }]
    case 'customer.muted':
      return [{ atMs, about: 'speech', text: 'Live control muted the customer.' }]
    default:
      return []
  }
}

function hookName({ on, name }: { on: string; name: string | null }): string {
  return name === null ? `A hook on ${inLine(on)}` : `The hook “${inLine(name)}” (${inLine(on)})`
}
