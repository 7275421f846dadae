import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/call/scenario.ts'
import { endedReasons } from '../support/ended-reasons.ts'
import { wordsOf } from '../support/fallback.ts'
import { base, type SimulatedCall, simulateScenario } from '../support/simulation.ts'

const voices = ['openai/a', 'cartesia/b', '11labs/c']
const models = ['openai/gpt-4o', 'openai/gpt-4.1', 'openai/gpt-4o-mini']
const transcribers = ['deepgram/nova-2', 'gladia/default', 'azure/default']
/** No two have a beginning in common, and nothing in them is changed by the formatter. */
const replies = [
  'First of all I have to tell you a longer story about this, with a pause. It goes on here for a while!',
  'Certainly.',
  'Then there is the matter of the table by the window. Would that be fine with you?',
  'Many people ask me that, and I never know what to say to them about it all.',
  'Yes, of course.',
  'Nothing is lost, nothing comes twice. That is the whole of it. Believe me.',
  'Soon it will be over, I promise you that.',
  'Last words are hard to find.',
]
const says = [
  'I need a table for two people',
  'what about tomorrow evening instead',
  'listen to me please',
  'that sounds rather good to me',
  'hm',
]

const failure = fc
  .record({
    kind: fc.constantFrom('voice', 'model', 'transcriber'),
    place: fc.constantFrom(0, 0, 0, 1, 1, 2),
    times: fc.constantFrom(1, 1, 2, undefined),
    afterRequests: fc.constantFrom(0, 0, 1, 2),
    afterWords: fc.constantFrom(undefined, 0, 1, 2, 3, 5, 9, 30),
  })
  .map(({ kind, place, ...rest }) => {
    const name = { voice: voices, model: models, transcriber: transcribers }[kind]?.[place]
    return { [kind]: name, ...rest }
  })

/** How many fallbacks a plan has. */
const depth = fc.constantFrom(0, 1, 2, 2, 2)

const faults = fc
  .record({
    fallbacks: fc.tuple(depth, depth, depth),
    failures: fc.array(failure, { minLength: 3, maxLength: 8 }),
    opening: fc.boolean(),
    interruptible: fc.boolean(),
    hook: fc.boolean(),
    backoffSeconds: fc.constantFrom(0, 1, 3),
    numWords: fc.nat(2),
    latencies: fc.record({
      transcriberMs: fc.constantFrom(0, 130, 600),
      modelMs: fc.constantFrom(0, 307, 900),
      voiceMs: fc.constantFrom(0, 211, 700),
    }),
    caller: fc.array(
      fc.tuple(fc.constantFrom('at', 'after', 'during'), fc.double({ min: 0, max: 4, noNaN: true })),
      { minLength: 1, maxLength: says.length },
    ),
  })
  .map(given => {
    const [voice, model, transcriber] = given.fallbacks
    return {
      ...base,
      assistant: {
        ...(given.opening
          ? { firstMessage: 'Hello and welcome to the little restaurant by the sea. How can I help?' }
          : { firstMessageMode: 'assistant-waits-for-user' }),
        firstMessageInterruptionsEnabled: given.interruptible,
        silenceTimeoutSeconds: 10,
        voice: {
          provider: 'openai',
          voiceId: 'a',
          fallbackPlan: {
            voices: [
              { provider: 'cartesia', voiceId: 'b' },
              { provider: '11labs', voiceId: 'c' },
            ].slice(0, voice),
          },
        },
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          fallbackModels: ['gpt-4.1', 'gpt-4o-mini'].slice(0, model),
        },
        transcriber: {
          provider: 'deepgram',
          model: 'nova-2',
          fallbackPlan: {
            transcribers: [{ provider: 'gladia' }, { provider: 'azure' }].slice(0, transcriber),
          },
        },
        startSpeakingPlan: {
          waitSeconds: 0.2,
          smartEndpointingPlan: { provider: 'livekit', waitFunction: '300' },
        },
        stopSpeakingPlan: { numWords: given.numWords, backoffSeconds: given.backoffSeconds },
        ...(given.hook && {
          hooks: [{ on: 'call.ending', do: [{ type: 'say', exact: 'Goodbye then, and see you soon.' }] }],
        }),
      },
      latencies: given.latencies,
      caller: given.caller.map(([kind, time], place) => ({
        ...(kind === 'at' ? { at: time * 6 } : { [kind]: 'assistant', plus: time }),
        say: says[place],
        lasts: 0.2 + (place % 3) * 0.7,
      })),
      model: replies.map(reply => ({ reply })),
      failures: given.failures,
    }
  })

/** The words that voices gave for each utterance, in order. */
function givenByUtterance(call: SimulatedCall): Map<string, string[]> {
  const requests = new Map(
    call
      .commands()
      .flatMap(command => (command.type === 'voice.request' ? [[command.workId, command] as const] : [])),
  )
  const given = new Map<string, string[]>()
  for (const input of call.inputs) {
    if (input.type !== 'voice.done' && input.type !== 'voice.failed') continue
    const request = requests.get(input.workId)
    if (request === undefined) continue
    const words =
      input.type === 'voice.done'
        ? wordsOf(request.text)
        : input.words.map(({ from, to }) => request.text.slice(from, to))
    given.set(request.utteranceId, [...(given.get(request.utteranceId) ?? []), ...words])
  }
  return given
}

const isPrefix = (words: readonly string[], of: readonly string[]) =>
  words.every((word, place) => word === of[place])

describe('any call whose voices, models and transcribers fail', () => {
  it('ends for a documented reason, loses no word and says none twice', async () => {
    const seen = { failed: 0, switched: 0, reasons: new Set<string>() }
    await fc.assert(
      fc.asyncProperty(faults, async given => {
        const call = await simulateScenario(parseScenario(given, 'random'))
        expect(call.all('call.ended')).toHaveLength(1)
        expect(endedReasons, call.endedReason).toContain(call.endedReason)
        seen.reasons.add(call.endedReason)

        // Who failed is followed by the next, or by the end, and is not asked again.
        for (const [list, used, failed, switched] of [
          [voices, call.all('voice.requested').map(({ voice }) => voice), 'voice.failed', 'voice.switched'],
          [models, call.all('model.requested').map(({ model }) => model), 'model.failed', 'model.switched'],
          [transcribers, [], 'transcriber.failed', 'transcriber.switched'],
        ] as const) {
          const places = used.map(name => list.indexOf(name))
          expect(places).toEqual([...places].sort())
          const [failures, changes] = [call.all(failed).length, call.all(switched)]
          // The last words of a hook are tried with the last voice, too.
          expect(failures - changes.length).toBeLessThanOrEqual('hooks' in given.assistant ? 2 : 1)
          expect(changes.map(({ from, to }) => list.indexOf(to) - list.indexOf(from))).toEqual(
            changes.map(() => 1),
          )
          seen.failed += failures
          seen.switched += changes.length
        }

        // The voices gave each text word by word from its beginning, whoever spoke.
        const sayable = [
          'Hello and welcome to the little restaurant by the sea. How can I help?',
          'Goodbye then, and see you soon.',
          ...replies,
        ].map(wordsOf)
        const spoken = [...givenByUtterance(call).values()]
        for (const words of spoken)
          expect(
            sayable.some(text => isPrefix(words, text)),
            words.join(' '),
          ).toBe(true)

        // What was heard to its end is what they gave; what was stopped is a beginning of it.
        const stops = call.all('assistant.speech.stopped')
        for (const { spokenText, reason } of stops) {
          const heard = wordsOf(spokenText)
          const fits = (words: readonly string[]) =>
            isPrefix(heard, words) && (reason === 'interrupted' || words.length === heard.length)
          expect(spoken.some(fits), `${reason}: ${spokenText}`).toBe(true)
        }
        // No answer of the model is heard a second time from its beginning on.
        const begun = stops.map(({ spokenText }) => wordsOf(spokenText).slice(0, 2).join(' ')).filter(Boolean)
        expect(begun).toEqual([...new Set(begun)])

        // The customer's words are all there, once, whoever listened.
        const finals = call
          .all('transcript')
          .flatMap(({ role, transcriptType, transcript }) =>
            role === 'user' && transcriptType === 'final' ? [transcript] : [],
          )
        expect(finals).toEqual(says.slice(0, finals.length))
        if (call.endedReason !== 'customer-ended-call') return
        expect(finals).toHaveLength(given.caller.length)
        const kept = call.result.ended.artifact.messages.flatMap(message =>
          message.role === 'user' ? [message.message] : [],
        )
        expect(kept.join(' ')).toBe(finals.join(' '))
      }),
      { numRuns: 300, seed: 20_260_105 },
    )
    // The faults did happen.
    expect(seen.failed).toBeGreaterThan(300)
    expect(seen.switched).toBeGreaterThan(200)
    expect(seen.reasons.size).toBeGreaterThan(7)
  }, 120_000)
})
