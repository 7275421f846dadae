import type { Observation } from '../../engine/observations.ts'
import type { SpeakingSettings } from '../../engine/settings.ts'
import { answerMoments, type Moments, stagesOf } from './stages.ts'
import {
  type AssistantSpeech,
  type CustomerSpeech,
  type EndpointingDecision,
  type Interruption,
  isWork,
  lastOf,
  type Story,
  type ToolUse,
  type Turn,
} from './story.ts'

/** A turn while it is read. */
interface OpenTurn extends Turn {
  text: string
  modelText: string
  moments: Moments
}

type ObservationOf<Type extends Observation['type']> = Extract<Observation, { type: Type }>

/** Reads a call from its observations, or from any first part of them. Types without a place here are passed over. */
export function readStory(observations: readonly Observation[]): Story {
  const reader = new StoryReader()
  for (const observation of observations) reader.take(observation)
  return reader.finish()
}

/**
 * Reads a call as its observations come. The customer's words go to the turn that is being spoken (`next`), everything of the assistant to the last turn
 * that ended (`current`); the two overlap where one interrupts the other.
 */
export class StoryReader {
  private current = openTurn(0, 0)
  private next: OpenTurn | null = null
  private readonly turns = [this.current]
  private segment: CustomerSpeech | null = null
  private utterance: AssistantSpeech | null = null
  private decision: EndpointingDecision | null = null
  private interruption: Interruption | null = null
  private settings: SpeakingSettings | null = null
  private assistantName: string | null = null
  private readonly tools = new Map<string, ToolUse>()
  private ended: Story['ended'] = null
  private lengthMs = 0

  take(observation: Observation): void {
    const { atMs } = observation
    if (atMs > this.lengthMs) this.lengthMs = atMs
    const { items, moments } = this.current
    if (isWork(observation)) this.current.work.push(observation)
    switch (observation.type) {
      case 'call.started':
        this.introduce(observation.assistantName, observation.settings)
        Object.assign(this.current, { assistantName: this.assistantName, settings: this.settings })
        break
      case 'assistant.changed':
        this.introduce(observation.to, observation.settings)
        break
      case 'customer.speech.started':
        moments.answerMs ??= atMs
        this.segment = this.addSpeech(observation.audioMs, null)
        break
      case 'customer.speech.stopped':
        this.segment ??= this.addSpeech(observation.audioMs, null)
        this.segment.toMs = Math.max(this.segment.fromMs, observation.audioMs)
        this.segment.learnedMs = atMs
        break
      case 'transcript':
        if (observation.role === 'user') this.addWords(observation)
        break
      case 'endpointing.decided': {
        const { type: _type, atMs: _atMs, by, waitMs, detail, ...grounds } = observation
        this.overtakeDecisions()
        this.decision = { type: 'decision', fromMs: atMs, by, waitMs, detail, grounds, outcome: 'open' }
        this.upcoming(atMs).items.push(this.decision)
        break
      }
      case 'turn.ended':
        this.endTurn(observation)
        break
      case 'model.requested':
        moments.workMs ??= atMs
        break
      case 'model.completed':
        this.current.modelText = oneSpaced(observation.text)
        break
      case 'model.failed':
        moments.answerMs ??= atMs
        items.push({ type: 'failure', fromMs: atMs, text: `The model failed: ${observation.message}` })
        break
      case 'voice.requested':
        moments.workMs ??= atMs
        moments.voiceMs ??= atMs
        break
      case 'voice.ready':
        moments.readyMs ??= atMs
        break
      case 'voice.failed': {
        const { voice, message } = observation
        items.push({ type: 'failure', fromMs: atMs, text: `The voice ${voice} failed: ${message}` })
        break
      }
      case 'transcriber.failed': {
        const { transcriber, message } = observation
        items.push({
          type: 'failure',
          fromMs: atMs,
          text: `The transcriber ${transcriber} failed: ${message}`,
        })
        break
      }
      case 'model.switched':
        // Its answer is still awaited.
        if (moments.answerMs === atMs) moments.answerMs = null
        this.addSuccessor('model', observation)
        break
      case 'voice.switched':
        // A voice that was chosen for a language is in place of none that failed.
        if (observation.language === undefined) this.addSuccessor('voice', observation)
        break
      case 'transcriber.switched':
        this.addSuccessor('transcriber', observation)
        break
      case 'assistant.speech.started':
        this.settleUtterance()
        this.utterance = this.addUtterance(observation)
        break
      case 'assistant.speech.stopped':
        this.stopUtterance(observation)
        break
      case 'interruption':
        this.addInterruption(observation)
        break
      case 'backoff.started': {
        if (this.interruption !== null) this.interruption.silentUntilMs = observation.untilMs
        break
      }
      case 'tool.called':
        this.addTool(observation.toolCallId, observation.name, atMs).arguments = observation.arguments
        break
      case 'tool.completed': {
        const { toolCallId, name, result, error } = observation
        const tool = this.tools.get(toolCallId) ?? this.addTool(toolCallId, name, atMs)
        Object.assign(tool, { toMs: atMs, result: result ?? null, error: error ?? null })
        break
      }
      case 'turn.latency': {
        const { type: _type, atMs: soundedMs, turn: _turn, ...latency } = observation
        moments.answerMs = soundedMs
        Object.assign(this.current, { latency, soundedMs })
        break
      }
      case 'warning':
        items.push({ type: 'warning', fromMs: atMs, text: observation.message })
        break
      case 'call.ended': {
        const { endedReason, endedMessage = null } = observation
        this.ended = { atMs, endedReason, endedMessage }
        break
      }
      default:
    }
  }

  finish(): Story {
    this.settleUtterance()
    const { ended, lengthMs } = this
    const turns = this.turns.filter(({ number, items }) => number > 0 || items.length > 0)
    for (const turn of turns) turn.stages = stagesOf(turn.moments, turn.latency, lengthMs)
    return { turns, ended, lengthMs }
  }

  /** The turn that the customer is speaking. */
  private upcoming(fromMs: number): OpenTurn {
    if (this.next === null) {
      this.next = openTurn(this.current.number + 1, fromMs)
      this.turns.push(this.next)
    }
    return this.next
  }

  private addSpeech(fromMs: number, toMs: number | null): CustomerSpeech {
    const speech: CustomerSpeech = {
      type: 'customer',
      fromMs,
      toMs,
      learnedMs: null,
      text: '',
      final: false,
      acknowledgement: false,
      typed: false,
      confidence: null,
    }
    this.overtakeDecisions()
    this.upcoming(fromMs).items.push(speech)
    return speech
  }

  private addWords({
    atMs,
    transcript,
    transcriptType,
    origin,
    confidence,
  }: ObservationOf<'transcript'>): void {
    this.segment ??= this.addSpeech(atMs, atMs)
    const { segment } = this
    segment.typed = origin === 'keyboard'
    if (transcriptType === 'final') {
      segment.text = segment.final ? `${segment.text} ${transcript}` : transcript
      segment.final = true
      segment.confidence = confidence ?? segment.confidence
    } else if (!segment.final) segment.text = transcript
  }

  /** Who goes on after a failure, or because of the customer's language. */
  private addSuccessor(part: string, { from, to, atMs }: { from: string; to: string; atMs: number }): void {
    const { items } = this.current
    const failure = lastOf(items.slice(-2), 'failure')
    if (failure?.fromMs === atMs) failure.text += `; ${to} goes on`
    else items.push({ type: 'warning', fromMs: atMs, text: `The ${part} ${to} goes on in place of ${from}` })
  }

  private introduce(name: string | null, settings: SpeakingSettings | undefined): void {
    this.assistantName = name
    this.settings = settings ?? null
  }

  private overtakeDecisions(): void {
    if (this.decision?.outcome === 'open') this.decision.outcome = 'overtaken'
  }

  private endTurn({ text, atMs }: ObservationOf<'turn.ended'>): void {
    const before = this.current
    before.takenBack =
      !before.answered && before.endedMs !== null && before.text !== '' && text.startsWith(before.text)
    before.moments.answerMs ??= atMs
    const turn = this.upcoming(atMs)
    if (this.decision?.outcome === 'open') this.decision.outcome = 'ended'
    const speechEndMs = lastOf(turn.items, 'customer')?.toMs ?? null
    const { assistantName, settings } = this
    Object.assign(turn, { text, endedMs: atMs, moments: { ...answerMoments(), speechEndMs, workMs: atMs } })
    Object.assign(turn, { assistantName, settings })
    this.current = turn
    this.next = null
    this.segment = null
  }

  private addUtterance({ text, source, atMs }: ObservationOf<'assistant.speech.started'>): AssistantSpeech {
    const utterance: AssistantSpeech = {
      type: 'assistant',
      fromMs: atMs,
      toMs: null,
      heard: '',
      unheard: text,
      source,
      ending: 'open',
    }
    this.current.items.push(utterance)
    this.current.answered = true
    this.current.moments.answerMs ??= atMs
    return utterance
  }

  private stopUtterance(observation: ObservationOf<'assistant.speech.stopped'>): void {
    const { spokenText: text, reason, atMs } = observation
    const utterance =
      this.utterance ??
      this.addUtterance({ ...observation, type: 'assistant.speech.started', text, source: 'model' })
    this.utterance = utterance
    this.settleUtterance()
    const whole = utterance.unheard
    utterance.toMs = atMs
    utterance.heard = text
    utterance.unheard = reason === 'interrupted' && whole.startsWith(text) ? whole.slice(text.length) : ''
    if (reason === 'completed') utterance.ending = 'completed'
    else if (utterance.ending === 'open') utterance.ending = 'stopped'
  }

  /** A reply that began to sound before the model had ended it is known whole by now. */
  private settleUtterance(): void {
    const { utterance } = this
    const { modelText } = this.current
    if (utterance?.source === 'model' && modelText.startsWith(utterance.unheard))
      utterance.unheard = modelText
    this.utterance = null
  }

  private addInterruption({ by, ignored, reason, atMs }: ObservationOf<'interruption'>): void {
    if (ignored && reason === 'acknowledgement') this.acknowledge()
    if (!ignored && this.utterance !== null) this.utterance.ending = 'interrupted'
    this.interruption = { type: 'interruption', fromMs: atMs, by, ignored, reason, silentUntilMs: null }
    this.current.items.push(this.interruption)
  }

  /** An acknowledgement belongs to what it acknowledges, not to the customer's next turn. */
  private acknowledge(): void {
    const { segment, next } = this
    const place = segment === null ? -1 : (next?.items.lastIndexOf(segment) ?? -1)
    if (segment === null || next === null || place === -1) return
    segment.acknowledgement = true
    // A decision on these words is withdrawn with them.
    next.items.splice(place)
    this.decision = null
    this.current.items.push(segment)
    if (next.items.length > 0) return
    this.turns.pop()
    this.next = null
  }

  private addTool(toolCallId: string, name: string, atMs: number): ToolUse {
    const tool: ToolUse = {
      type: 'tool',
      fromMs: atMs,
      toMs: null,
      name,
      arguments: {},
      result: null,
      error: null,
    }
    this.tools.set(toolCallId, tool)
    this.current.items.push(tool)
    return tool
  }
}

function openTurn(number: number, fromMs: number): OpenTurn {
  return {
    number,
    fromMs,
    endedMs: null,
    items: [],
    work: [],
    latency: null,
    soundedMs: null,
    assistantName: null,
    settings: null,
    stages: [],
    answered: false,
    takenBack: false,
    text: '',
    modelText: '',
    moments: answerMoments(),
  }
}

/** Spoken texts have single spaces, texts of the model need not. */
function oneSpaced(text: string): string {
  return text.replace(/ {2,}/g, ' ').trim()
}
