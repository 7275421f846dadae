import { describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import type { VoicemailPlan } from '../../src/engine/plan.ts'
import { machineWords } from '../../src/engine/text/machine.ts'
import { planOf } from '../support/hooks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const message = 'voicemailMessage: "Please call back."'
/** A machine whose greeting is over after 6 s. */
const greeting = (more = '') =>
  `{ at: 0, say: "You have reached Ann. Leave a message after the tone.", lasts: 6${more} }`
const assistant = (detection: string, more = message) =>
  `assistant: { voicemailDetection: ${detection}, ${more} }`
const vapi = '{ provider: vapi }'

function told(call: SimulatedCall): string[] {
  return call.observations.flatMap(seen => {
    if (seen.type === 'voicemail.detected') return [`${seen.atMs} detected by ${seen.by}`]
    if (seen.type === 'assistant.speech.started') return [`${seen.atMs} says ${seen.text}`]
    if (seen.type === 'assistant.speech.stopped') return [`${seen.atMs} ${seen.reason}`]
    return seen.type === 'call.ended' ? [`${seen.atMs} ended ${seen.endedReason}`] : []
  })
}

describe('a machine that answers', () => {
  it('[api-voicemail-message] gets the voicemail message after its beep', async () => {
    const call = await runSimulation(`
${assistant(vapi)}
caller: [${greeting()}, { at: 7, say: "", lasts: 0.5, beep: true }]`)
    expect(told(call)).toEqual([
      '5000 detected by words',
      '7800 says Please call back.',
      '9500 completed',
      '9500 ended voicemail',
    ])
    expect(call.result.ended.artifact.transcript).toContain('AI: Please call back.')
  })

  it('[api-voicemail-message] is left without a message where there is none: the call ends', async () => {
    const call = await runSimulation(`
${assistant(vapi, 'name: Ann')}
caller: [${greeting()}, { at: 7, say: "", lasts: 0.5, beep: true }]`)
    expect(told(call)).toEqual(['5000 detected by words', '5000 ended voicemail'])
  })

  it('[api-voicemail-message] gets the message at once where the beep came before', async () => {
    const call = await runSimulation(`
${assistant(vapi)}
caller: [{ at: 0, say: "Leave a message after the tone.", lasts: 3, beep: true }]
model: [{ reply: "Hello, this is a long greeting of mine, and there is more to come." }]`)
    // The answer that was being said is cut off.
    expect(told(call)).toEqual([
      '3900 says Hello, this is a long greeting of mine, and there is more to come.',
      '5000 detected by words',
      '5000 interrupted',
      '5300 says Please call back.',
      '7000 completed',
      '7000 ended voicemail',
    ])
  })

  it('hears nothing but the message: no answer, no hook, no idle words', async () => {
    const call = await runSimulation(`
${assistant(vapi, `${message}, hooks: [{ on: customer.speech.timeout, options: { timeoutSeconds: 3 }, do: [{ type: say, exact: "Still there?" }] }]`)}
caller: [${greeting()}, { at: 8, say: "Thank you for calling.", lasts: 2 }, { at: 20, say: "", lasts: 0.5, beep: true }]`)
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['Please call back.'])
    expect(call.all('model.requested')).toEqual([])
    expect(call.all('assistant.hanging')).toEqual([])
  })

  it('ends what a hook was doing', async () => {
    const call = await runSimulation(`
${assistant(vapi, `${message}, hooks: [{ on: call.timeElapsed, options: { seconds: 4 }, do: [{ type: say, exact: "First words of the hook." }, { type: say, exact: "Second words." }] }]`)}
caller: [{ at: 0, say: "Leave a message after the tone.", lasts: 1 }, { at: 20, say: "", lasts: 0.5, beep: true }]
model: [{ reply: "" }]`)
    expect(told(call).slice(0, 4)).toEqual([
      '4300 says First words of the hook.',
      '5000 detected by words',
      '5000 interrupted',
      '20800 says Please call back.',
    ])
  })

  it('is recognised by what it has said in several turns', async () => {
    const call = await runSimulation(`
${assistant(vapi, 'name: Ann')}
caller:
  - { at: 0, say: "You have reached Ann.", lasts: 1 }
  - { at: 8, say: "I am not available.", lasts: 1, machine: true }
model: [{ reply: "Hi." }, { reply: "Oh." }]`)
    // Its answer was being said.
    expect(told(call).slice(-3)).toEqual([
      '10000 detected by words',
      '10000 interrupted',
      '10000 ended voicemail',
    ])
  })
})

describe('the tool voicemail', () => {
  const tool = 'model: { provider: openai, model: gpt-4o, tools: [{ type: voicemail }] }'
  const called = `
caller: [{ at: 0, say: "Leave a message after the tone.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: voicemail }] }]`

  it('[api-voicemail-message] leaves the message when the model calls it', async () => {
    const call = await runSimulation(`
assistant: { ${tool}, ${message} }${called}`)
    expect(told(call)).toEqual(['1900 says Please call back.', '3600 completed', '3600 ended voicemail'])
  })

  it('[api-voicemail-message] ends the call where there is no message', async () => {
    const call = await runSimulation(`
assistant: { ${tool} }${called}`)
    expect(told(call)).toEqual(['1600 ended voicemail'])
  })

  it('tells that beeps are of Twilio’s calls', async () => {
    const plan = await planOf({
      model: { provider: 'openai', tools: [{ type: 'voicemail', beepDetectionEnabled: true }] },
    })
    expect(plan.warnings.filter(text => text.includes('beepDetectionEnabled'))).toHaveLength(1)
  })
})

describe('detection', () => {
  it.each([
    ['not set', 'name: Ann'],
    ['off', 'voicemailDetection: "off"'],
    ['of Twilio and not enabled', 'voicemailDetection: { provider: twilio, enabled: false }'],
  ])('[api-voicemail-off] is off where it is %s', async (_what, setting) => {
    const call = await runSimulation(`
assistant: { ${setting}, silenceTimeoutSeconds: 20, ${message} }
caller: [${greeting(', beep: true')}]
model: [{ reply: "Hello." }]`)
    expect(call.all('voicemail.detected')).toEqual([])
    expect(call.endedReason).toBe('silence-timed-out')
  })

  it('[api-voicemail-settings] has the documented defaults', async () => {
    expect((await planOf({ voicemailDetection: { provider: 'google' } })).voicemail).toEqual({
      method: 'words',
      message: null,
      beepMaximumMs: 30_000,
      listensToSound: true,
      startMs: 5000,
      frequencyMs: 5000,
      maximumChecks: 6,
    } satisfies VoicemailPlan)
    expect((await planOf({ voicemailDetection: { provider: 'twilio' } })).voicemail).toEqual({
      method: 'speech',
      message: null,
      beepMaximumMs: 0,
      answers: ['machine_end_beep', 'machine_end_silence'],
      longMs: 2400,
      endMs: 1200,
      silenceMs: 5000,
      maximumMs: 30_000,
    } satisfies VoicemailPlan)
  })

  it.each([
    ['google', 'beepMaxAwaitSeconds', [0, 30], [-1, 30.1]],
    ['openai', 'beepMaxAwaitSeconds', [0, 30], [-1, 60]],
    ['vapi', 'backoffPlan.startAtSeconds', [0, 90], [-0.1]],
    ['vapi', 'backoffPlan.frequencySeconds', [2.5, 60], [2.4, 0]],
    ['vapi', 'backoffPlan.maxRetries', [1, 10], [0, 11, 1.5]],
    ['vapi', 'type', ['audio', 'transcript'], ['words']],
    ['twilio', 'machineDetectionTimeout', [3, 59], [2, 60]],
    ['twilio', 'machineDetectionSpeechThreshold', [1000, 6000], [999, 6001]],
    ['twilio', 'machineDetectionSpeechEndThreshold', [500, 5000], [499, 5001]],
    ['twilio', 'machineDetectionSilenceTimeout', [2000, 10_000], [1999, 10_001]],
    ['twilio', 'voicemailDetectionTypes', [['fax', 'human']], [['machine']]],
    ['other', 'enabled', [], [true]],
  ])('[api-voicemail-settings] of %s takes %s in its range only', (provider, path, good, bad) => {
    const parse = (value: unknown) => {
      const [outer = '', inner] = path.split('.')
      const settings = { provider, [outer]: inner === undefined ? value : { [inner]: value } }
      return () => parseAssistant({ voicemailDetection: settings }, 'test')
    }
    for (const value of good) expect(parse(value), String(value)).not.toThrow()
    for (const value of bad) expect(parse(value), String(value)).toThrow('voicemailDetection')
  })

  it.each([
    ['startAtSeconds', '{ startAtSeconds: 9 }', 9000],
    ['frequencySeconds', '{ startAtSeconds: 1, frequencySeconds: 7 }', 8000],
  ])('[api-voicemail-settings] looks at the times of %s', async (_setting, plan, atMs) => {
    const call = await runSimulation(`
${assistant(`{ provider: vapi, backoffPlan: ${plan} }`, 'name: Ann')}
caller: [{ at: 4, say: "You have reached the voicemail of Ann.", lasts: 2, machine: true }]
model: [{ reply: "Hello." }]`)
    expect(call.first('voicemail.detected').atMs).toBe(atMs)
  })

  it('[api-voicemail-settings] gives up after maxRetries looks', async () => {
    const late = (at: number) => `
${assistant('{ provider: vapi, backoffPlan: { startAtSeconds: 2, frequencySeconds: 3, maxRetries: 2 } }', 'name: Ann, silenceTimeoutSeconds: 20')}
caller: [{ at: ${at}, say: "Leave a message after the tone.", lasts: 0.5, machine: true }]
model: [{ reply: "Hello." }]`
    // Looks at 2 s and 5 s.
    expect((await runSimulation(late(4.4))).endedReason).toBe('voicemail')
    expect((await runSimulation(late(5.1))).endedReason).toBe('silence-timed-out')
  })

  it.each([
    ['30 s where it is not set', '{ provider: vapi }', 30_000],
    ['what is set', '{ provider: vapi, beepMaxAwaitSeconds: 12 }', 12_000],
    ['nothing where that is 0', '{ provider: vapi, beepMaxAwaitSeconds: 0 }', 5000],
  ])(
    '[api-voicemail-settings] waits for the beep until %s since the call began',
    async (_what, settings, atMs) => {
      const call = await runSimulation(`
${assistant(settings)}
caller: [${greeting(', machine: true')}]`)
      // The voice takes 300 ms.
      expect(told(call).slice(0, 2)).toEqual([
        '5000 detected by words',
        `${atMs + 300} says Please call back.`,
      ])
    },
  )

  it('[api-voicemail-settings] of the type audio takes a beep, or a machine’s sound, for a proof; transcript does not', async () => {
    const proof = (type: string, step: string) =>
      runSimulation(`
${assistant(`{ provider: vapi, type: ${type} }`, 'name: Ann, silenceTimeoutSeconds: 20')}
caller: [{ at: 0, say: "Good morning.", lasts: 1, ${step}: true }]
model: [{ reply: "Hello." }]`)
    expect((await proof('audio', 'beep')).first('voicemail.detected').by).toBe('beep')
    expect((await proof('audio', 'machine')).first('voicemail.detected').by).toBe('voice')
    expect((await proof('transcript', 'beep')).all('voicemail.detected')).toEqual([])
    expect((await proof('transcript', 'machine')).all('voicemail.detected')).toEqual([])
  })
})

describe('Twilio’s settings', () => {
  const run = (settings: string, caller: string) =>
    runSimulation(`
${assistant(`{ provider: twilio${settings} }`, 'name: Ann, silenceTimeoutSeconds: 30')}
caller: [${caller}]
model: [{ reply: "Hello." }, { reply: "Hello." }]`)
  const speech = (lasts: number) =>
    `{ at: 1, say: "Ann here, what can I do for you", lasts: ${lasts}, machine: true }`
  const all =
    ', voicemailDetectionTypes: [machine_start, human, unknown, machine_end_beep, machine_end_silence, machine_end_other]'

  it.each([
    ['longer speech than 2.4 s, over for 1.2 s', '', speech(2.5), 'machine_end_silence', 4700],
    [
      'longer speech with a beep',
      '',
      '{ at: 1, say: "Ann here, what can I do for you", lasts: 3, beep: true }',
      'machine_end_beep',
      4000,
    ],
    ['the beginning of longer speech', all, speech(2.5), 'machine_start', 3400],
    ['short speech', all, speech(2.3), 'human', 4500],
    ['silence of 5 s', all, '{ at: 9, say: "Hello.", lasts: 1, machine: true }', 'unknown', 5000],
    ['its own threshold', `${all}, machineDetectionSpeechThreshold: 1000`, speech(2), 'machine_start', 2000],
    [
      'its own end of speech',
      `${all.replace('machine_start, ', '')}, machineDetectionSpeechEndThreshold: 500`,
      speech(3),
      'machine_end_silence',
      4500,
    ],
    [
      'its own silence',
      `${all}, machineDetectionSilenceTimeout: 2000`,
      '{ at: 9, say: "Hello.", lasts: 1, machine: true }',
      'unknown',
      2000,
    ],
    [
      'no end until its time limit',
      `${all.replace('machine_start, ', '')}, machineDetectionTimeout: 4`,
      speech(9),
      'machine_end_other',
      4000,
    ],
    [
      'no end until the time limit of 30 s',
      all.replace('machine_start, ', ''),
      speech(40),
      'machine_end_other',
      30_000,
    ],
  ])('[api-voicemail-settings] take %s', async (_what, settings, caller, answer, atMs) => {
    const call = await run(settings, caller)
    expect(call.first('voicemail.detected')).toMatchObject({ by: 'speech', detail: answer, atMs })
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'voicemail', atMs })
  })

  it('[api-voicemail-settings] leave people alone', async () => {
    const call = await run('', `${speech(2)}, { at: 9, say: "I talk much longer now.", lasts: 5 }`)
    expect(call.all('voicemail.detected')).toEqual([])
  })
})

describe('words of a machine', () => {
  it.each([
    'Hi, you’ve reached Ann Miller. Please leave a message after the beep.',
    "You've reached the voicemail of Bob.",
    'The person you are trying to reach is not available. At the tone, please record your message.',
    'Your call has been forwarded to an automated voice messaging system.',
    "Hey, it's Tom. I can't come to the phone right now, but I'll call you back as soon as I can.",
    'Thank you for calling Riverside Dental. Our office hours are eight to five.',
    'The number you have dialed is not in service.',
    'The mailbox is full and cannot accept any messages at this time.',
    'leave your name and number and I will get back to you',
    'The subscriber you called is unavailable',
    'When you have finished recording, you may hang up or press one for more options.',
    'Sorry I missed you, leave me a quick message',
    'Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
    'Deje su mensaje después del tono.',
    'Laissez un message après le bip.',
  ])('are “%s”', words => {
    expect(machineWords(words)).not.toBeNull()
  })

  it.each([
    'Hello?',
    'Hi, this is Ann speaking.',
    'Riverside Dental, how can I help you?',
    'Thank you for calling Riverside Dental, this is Sue.',
    'He is not available right now, can I take a message?',
    'She is out. Would you like to leave a message?',
    'Do you want to leave a message for him?',
    'Yes, I got your voicemail yesterday.',
    'Can you call me back later?',
    'I will get back to you tomorrow.',
    'Sorry, wrong number.',
    'Who is calling, please?',
    'Just a moment, I am at my desk in a minute.',
    'I have been trying to reach you all day.',
    'Ja, Müller, guten Tag?',
  ])('are not “%s”', words => {
    expect(machineWords(words)).toBeNull()
  })

  it('are found in time in a text of a megabyte', () => {
    const long = `${'would you do you can i let me '.repeat(40_000)} leave a message`
    const before = performance.now()
    machineWords(long)
    expect(performance.now() - before).toBeLessThan(200)
  })
})
