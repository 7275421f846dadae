import * as fc from 'fast-check'

const message = fc.constantFrom(
  { type: 'request-start', content: '' },
  { type: 'request-start', content: 'Let me look that up for {{guest}}.' },
  { type: 'request-start', content: 'Let me look.', blocking: true },
  { type: 'request-response-delayed', content: 'Soon.', timingMilliseconds: 700 },
  { type: 'request-complete', content: 'There you are.' },
  { type: 'request-failed', content: 'That failed.' },
)
const tool = (name: string) =>
  fc.record({
    type: fc.constant('function'),
    function: fc.constant({ name }),
    async: fc.boolean(),
    messages: fc.array(message, { maxLength: 2 }),
    // What it finds out changes the texts of all assistants.
    variableExtractionPlan: fc.constantFrom(undefined, { aliases: [{ key: 'guest', value: '{{name}}' }] }),
  })
const hook = fc.constantFrom(
  {
    on: 'customer.speech.timeout',
    options: { timeoutSeconds: 2 },
    do: [{ type: 'say', exact: ['Hello?', 'Are you there?', 'Still there?'] }],
  },
  {
    on: 'assistant.speech.interrupted',
    do: [{ type: 'say', exact: ['Sorry.', 'Go on.', 'Excuse me.'] }],
  },
  { on: 'call.ending', do: [{ type: 'say', exact: ['Bye, {{guest}}.', 'Bye.'] }] },
)
const reply = fc.constantFrom(
  { reply: 'Fine, thank you, {{guest}}.' },
  { reply: 'I will tell you a longer story. It has several sentences. Here is the last one.' },
  { reply: '', toolCalls: [{ name: 'look' }] },
  { reply: 'Let me see.', toolCalls: [{ name: 'look' }, { name: 'book' }] },
  { reply: '', toolCalls: [{ name: 'transferCall', arguments: { destination: 'sales' } }] },
  { reply: '', toolCalls: [{ name: 'transferCall', arguments: { destination: 'desk' } }] },
  { reply: '', toolCalls: [{ name: 'wherever' }] },
  { reply: 'I will.', toolCalls: [{ name: 'endCall' }] },
)
const answer = fc.constantFrom(
  { result: 'ok' },
  { error: 'broken' },
  { result: 'late', afterMs: 2500 },
  { result: { name: 'Ann' } },
  { result: { name: 'Bob' }, afterMs: 400 },
)
const opening = fc.constantFrom(
  'assistant-speaks-first',
  'assistant-waits-for-user',
  'assistant-speaks-first-with-model-generated-message',
)
const smart = fc.constantFrom({ provider: 'livekit', waitFunction: '200 + 800 * x' }, { provider: 'vapi' })

/** Scenarios of squads with tools that learn, hand-overs, hooks at random, failing voices and interruptions. */
export const randomCalls = fc
  .record({
    tools: fc.tuple(tool('look'), tool('book')),
    openings: fc.tuple(opening, opening),
    hooks: fc.array(hook, { maxLength: 3 }),
    smart,
    replies: fc.array(reply, { minLength: 1, maxLength: 8 }),
    answers: fc.record({ look: answer, book: answer }),
    named: fc.boolean(),
    voiceFails: fc.nat(3),
    // Without common divisors: no two providers answer at the same moment, whose order no document gives.
    latencies: fc.record({
      transcriberMs: fc.constantFrom(0, 120),
      modelMs: fc.constantFrom(307, 311),
      voiceMs: fc.constantFrom(101, 211),
      toolMs: fc.constantFrom(53, 149),
    }),
    caller: fc.array(
      fc.tuple(
        fc.constantFrom('at', 'after', 'during'),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.constantFrom('yes', 'stop', 'a table please', 'what about it?', ''),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      { maxLength: 5 },
    ),
  })
  .map(given => {
    const elsewhere = {
      type: 'transferCall',
      function: { name: 'wherever' },
      destinations: [],
      server: { url: 'https://tools.example/where', secret: 'hidden-secret' },
    }
    const member = (name: string, other: string, place: 0 | 1) => ({
      assistant: {
        name,
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          messages: [{ role: 'system', content: `You are the ${name}. The guest is {{guest}}.` }],
          tools: [...given.tools, elsewhere, { type: 'endCall' }],
        },
        voice: {
          provider: 'openai',
          voiceId: 'alloy',
          fallbackPlan: { voices: [{ provider: 'openai', voiceId: 'nova' }] },
        },
        firstMessageMode: given.openings[place],
        firstMessage: `The ${name} speaks to {{guest}}.`,
        silenceTimeoutSeconds: 60,
        startSpeakingPlan: { waitSeconds: 0.1, smartEndpointingPlan: given.smart },
        hooks: given.hooks,
      },
      assistantDestinations: [{ type: 'assistant', assistantName: other, message: 'One moment please.' }],
    })
    const joining = {
      name: 'night',
      firstMessage: 'The night desk for {{guest}}.',
      model: { provider: 'openai' },
    }
    const destination = given.named
      ? { type: 'assistant', assistantName: 'sales' }
      : { type: 'assistant', assistant: joining }
    return JSON.parse(
      JSON.stringify({
        squad: [member('desk', 'sales', 0), member('sales', 'desk', 1)],
        latencies: given.latencies,
        model: [
          ...given.replies,
          ...Array.from({ length: 30 }, () => ({ reply: 'Is there anything else?' })),
        ],
        tools: { ...given.answers, wherever: { destination } },
        ...(given.voiceFails > 0 && { failures: [{ voice: 'openai/alloy', times: given.voiceFails }] }),
        caller: given.caller.map(([kind, time, say, lasts, finished]) => ({
          ...(kind === 'at' ? { at: time * 5 } : { [kind]: 'assistant', plus: time }),
          say,
          lasts,
          finished,
        })),
      }),
    )
  })
