/**
 * A speech-to-speech session of Gemini. It can neither take back nor cut what it has said, and answers whatever activity ends: as
 * long as what it has heard and said is what the engine's history says, the conversation goes on in it, by sound. Where the two
 * part (an interruption, an answer that nobody asked for, other instructions), a new session, opened meanwhile, takes its
 * place with the history as text.
 */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { ModelTool, TokenUsage } from '../../engine/ports/language-model.ts'
import { asVapiError, VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import type { ModelErrorContext } from '../models/model-error.ts'
import type { Answer, Pace } from './answer.ts'
import { type Entry, reconcile, wantedOf } from './conversation.ts'
import { createGeminiAnswer, type GeminiAnswer, type GeminiCall, type Turn } from './gemini-answer.ts'
import {
  activityEnd,
  activityStart,
  addUsage,
  audioOf,
  GEMINI_INPUT_RATE,
  GEMINI_OUTPUT_RATE,
  type GeminiSettings,
  type GeminiTold,
  hasSound,
  resultsOf,
  turnsOf,
} from './gemini-form.ts'
import { createGeminiHearing, type HeardEntry } from './gemini-hearing.ts'
import type { GeminiLink } from './gemini-link.ts'
import { createGeminiLinks } from './gemini-links.ts'
import { type GeminiPlan, planGemini } from './gemini-plan.ts'
import { createGeminiReader } from './gemini-reader.ts'
import type { HearingListener } from './heard.ts'
import { createRequest, type Request } from './requests.ts'
import type { RealtimeSession } from './session.ts'
import { createSoundReader, type SoundReader } from './sound.ts'

/**
 * Speech whose words come while it is said is ended when the engine asks. Words that do not come within so long after it may
 * come only when it is ended, in milliseconds.
 */
const HOLD_MS = 400
/** A session that is lost again within so long is given up, in milliseconds. */
const GOOD_MS = 10_000
/** Letters that people say in a second. */
const USUAL_PACE = 12.5
/** Answers whose sound may still be asked for. */
const KEPT_ANSWERS = 4
const MS_PER_SAMPLE = 1000 / SAMPLE_RATE

export interface GeminiSessionOptions {
  context: ModelErrorContext
  http: HttpClient
  settings: GeminiSettings
  /** The assistant's own system messages. */
  prompts: readonly string[]
  /** Takes what the user should know, each thing once. */
  warn: (message: string) => void
}

export function createGeminiSession(options: GeminiSessionOptions): RealtimeSession {
  const { context, settings } = options
  const closing = new AbortController()
  const pace: Pace = { lettersPerSecond: USUAL_PACE }
  const told = new Set<string>()
  const sounds = hasSound(settings)
  let link: GeminiLink | null = null
  let opening: Promise<void> | null = null
  let lostMs = Number.NEGATIVE_INFINITY
  let gone: VapiError | null = null
  let ear: HearingListener | null = null
  let sent: { instructions: string; tools: readonly ModelTool[] } = settings
  let names = 0
  let answers: Answer[] = []
  let entries: Entry[] = []
  /** What was heard since the last answer was asked for. */
  let heardSince: HeardEntry[] = []
  let turn: Turn | null = null
  /** Whose results the session waits for. */
  let calls: GeminiCall[] = []
  /** It is not in the state that the history has, or will soon be gone. */
  let isSpoiled = false
  let isActive = false
  let isSpeaking = false
  let endTimer: NodeJS.Timeout | undefined
  /** The end of an answer is still to be told. */
  let isEndOwed = false
  /** New sessions that are being opened. */
  let renewals = 0
  let lateUsage: TokenUsage | null = null
  const hearing = createGeminiHearing(() => ear)
  const reader = createGeminiReader({ ...options, pace }, write, closing.signal)
  const links = createGeminiLinks(options, closing.signal, {
    told: (own, event) => own === link && take(event),
    lost: (own, error) => own === link && lose(error),
  })
  const nameOf = (what: string): string => `${what}_${++names}`
  const keyOf = (): string => JSON.stringify([sent.instructions, sent.tools])

  function warn(message: string): void {
    if (!told.has(message)) options.warn(message)
    told.add(message)
  }

  function open(): Promise<void> {
    if (gone !== null) return Promise.reject(gone)
    if (link !== null) return Promise.resolve()
    if (settings.voice !== null) reader.prepare()
    opening ??= renew()
      .then(() => ear?.reopened())
      .finally(() => {
        opening = null
      })
    return opening
  }

  /** A session that knows nothing yet. */
  async function renew(): Promise<void> {
    renewals++
    const fresh = await links.take(sent).finally(() => {
      renewals--
    })
    link?.close()
    link = fresh
    clearTimeout(endTimer)
    if (turn !== null) leave(turn)
    hearing.clear()
    entries = []
    heardSince = []
    calls = []
    isSpoiled = false
    isActive = false
    isSpeaking = false
    isEndOwed = false
  }

  /** The next answer comes from a new session, which is opened at once. */
  function spoil(): void {
    isSpoiled = true
    if (gone === null) links.prepare(sent)
  }

  function lose(error: VapiError): void {
    link = null
    clearTimeout(endTimer)
    const lost = turn
    turn = null
    void lost?.ready.then(({ request }) => request.end({ type: 'broken', error }))
    // The one that comes was to take its place anyhow.
    if (renewals > 0) return
    const isAgain = performance.now() - lostMs < GOOD_MS
    lostMs = performance.now()
    if (isAgain || !error.retryable) giveUp(error)
    // Without a listener it is opened again when it is needed.
    else if (ear !== null) {
      warn(`${error.message}; it is opened once more, and gets the conversation so far as text`)
      open().then(spoil, thrown => giveUp(asVapiError(thrown)))
    }
  }

  function giveUp(error: VapiError): void {
    if (gone !== null) return
    gone = error
    ear?.failed(error)
  }

  function take(event: GeminiTold): void {
    switch (event.type) {
      case 'hearing':
        hearing.take(event.delta, event.isOver)
        return
      case 'leaving':
        spoil()
        return
      case 'callsCancelled':
        calls = []
        spoil()
        return
      case 'usage':
        if (turn === null || isEndOwed) lateUsage = addUsage(lateUsage, event.usage)
        else void turn.ready.then(answer => answer.take(event))
        return
      case 'over':
        if (isEndOwed) {
          isEndOwed = false
          return
        }
        break
      case 'said':
      case 'written':
      case 'sound':
      case 'calls':
        isEndOwed = false
    }
    void turn?.ready.then(answer => answer.take(event))
  }

  /** The session begins to answer. */
  function begin(isAsked: boolean): Turn {
    const sound = settings.voice === null ? Promise.resolve(null) : createSoundReader(GEMINI_OUTPUT_RATE)
    const made: Turn = {
      ready: sound.then(reading => answerOf(made, reading)),
      answer: null,
      isAsked,
      calls: [],
    }
    turn = made
    return made
  }

  function answerOf(own: Turn, sound: SoundReader | null): GeminiAnswer {
    const itemId = nameOf('said')
    const request = createRequest(itemId, null, { pace, sound, context })
    const carried = lateUsage
    lateUsage = null
    const answer = createGeminiAnswer(request, itemId, sounds, carried, {
      text(delta) {
        if (turn !== own) return
        const entry = entries.find(other => other.type === 'spoken' && other.id === itemId)
        if (entry?.type === 'spoken') entry.text += delta
        else entries.push({ type: 'spoken', id: itemId, text: delta, isKnown: false, isVoid: false })
      },
      calls(made) {
        if (turn !== own) return
        own.calls.push(...made)
        if (own.isAsked) takeCalls(own)
      },
      over() {
        if (turn !== own) return
        isEndOwed = answer.isEndOwed && own.calls.length === 0
        if (turn.isAsked) turn = null
      },
    })
    own.answer = answer
    answers = [...answers.filter(({ isTaken }) => !isTaken).slice(1 - KEPT_ANSWERS), request.answer]
    return answer
  }

  /** The results are to come. */
  function takeCalls(own: Turn): void {
    calls = [...calls, ...own.calls]
    for (const { callId } of own.calls) entries.push({ type: 'call', id: nameOf('call'), callId })
  }

  /** Nobody wants this answer. */
  function leave(left: Turn): void {
    if (turn === left) turn = null
    void left.ready.then(({ request }) => request.cancel())
  }

  function write(words: string): void {
    if (link === null || isSpoiled || isActive || turn !== null || calls.length > 0) return
    const content = { type: 'message', role: 'assistant', text: words } as const
    entries.push({ type: 'written', id: nameOf('written'), content })
    link.send(turnsOf([content], false))
  }

  function endActivity(isAsked: boolean): Turn {
    clearTimeout(endTimer)
    isActive = false
    link?.send(activityEnd)
    return begin(isAsked)
  }

  const stateOf = () => ({
    entries,
    heardSince,
    calls,
    isActive,
    isSpeaking,
    isAnswering: turn !== null,
  })

  function put(plan: GeminiPlan): Turn {
    heardSince = []
    switch (plan.type) {
      case 'heard': {
        if (turn === null) return endActivity(true)
        const early = turn
        early.isAsked = true
        takeCalls(early)
        if (early.answer?.isOver) turn = null
        return early
      }
      case 'results':
        calls = []
        link?.send(resultsOf(plan.results))
        return begin(true)
      case 'tell':
        link?.send(turnsOf(plan.contents, true))
        return begin(true)
    }
  }

  return {
    settings,
    context,
    inputRate: GEMINI_INPUT_RATE,
    get answers() {
      return answers
    },
    open,
    hear(listener) {
      ear = listener
    },
    append(base64) {
      if (link === null) return
      clearTimeout(endTimer)
      isSpeaking = true
      // It may answer what the customer has not said to the end, and that it goes on is not to stop it.
      if (turn !== null && !isSpoiled) {
        if (!turn.isAsked) leave(turn)
        spoil()
      }
      if (!isActive) link.send(activityStart)
      isActive = true
      link.send(audioOf(base64))
    },
    commit(segment) {
      if (link === null) return
      isSpeaking = false
      const entry = hearing.commit(segment)
      entries.push(entry)
      heardSince.push(entry)
      clearTimeout(endTimer)
      endTimer = setTimeout(() => {
        if (!isActive || hearing.hasWords) return
        if (isSpoiled) {
          isActive = false
          link?.send(activityEnd)
        } else endActivity(false)
      }, HOLD_MS)
    },
    async ask({ messages, tools }, signal) {
      const { instructions, contents } = wantedOf(messages, options.prompts)
      if (turn?.isAsked) {
        leave(turn)
        spoil()
      }
      const isSame = keyOf() === JSON.stringify([instructions, tools])
      sent = { instructions, tools }
      if (isSame || (link === null && opening === null)) await open()
      else isSpoiled = true
      signal.throwIfAborted()
      const found = isSpoiled ? null : planGemini(stateOf(), contents, () => nameOf('told'))
      if (found !== null) {
        entries = found.entries
        return (await put(found.plan).ready).request
      }
      // Of two that are opened, the one for this question is to be the last.
      await opening?.catch(() => {})
      if (gone !== null) throw gone
      await renew()
      signal.throwIfAborted()
      entries = reconcile([], contents, () => nameOf('told')).entries
      const asked = put({ type: 'tell', contents })
      ear?.reopened()
      return (await asked.ready).request
    },
    say: words => reader.say(words),
    cancel(request: Request) {
      if (request.words !== null) {
        reader.cancel(request)
        return
      }
      if (request.isCancelled) return
      request.cancel()
      for (const entry of entries)
        if (entry.type === 'spoken' && entry.id === request.key) entry.isVoid = true
      if (turn?.answer?.request !== request) return
      leave(turn)
      spoil()
    },
    cut(answer, heardMs) {
      const lengthMs = answer.items.reduce((sum, { samples }) => sum + samples, 0) * MS_PER_SAMPLE
      const isWhole = answer.isOver && heardMs >= Math.floor(lengthMs)
      if (turn?.answer?.request.answer === answer) leave(turn)
      answer.drop()
      if (!isWhole) spoil()
    },
    close() {
      gone ??= new VapiError({ code: 'realtime-closed', message: 'the realtime session is over' })
      const error = gone
      ear = null
      clearTimeout(endTimer)
      hearing.clear()
      links.close()
      closing.abort(error)
      link?.close()
      link = null
      reader.close(error)
      const last = turn
      turn = null
      void last?.ready.then(({ request }) => {
        request.cancel()
        request.end({ type: 'broken', error })
      })
    },
  }
}
