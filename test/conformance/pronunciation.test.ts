import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { compileVoices } from '../../src/assistant/voices.ts'
import { withMarkup } from '../../src/call/speech/voice-markup.ts'
import type { Voice, VoicePiece, WordTiming } from '../../src/engine/ports/voice.ts'
import { createFormatter } from '../../src/format/formatter.ts'
import { createPronouncer, type PronunciationRule } from '../../src/format/pronunciation.ts'
import { createFliteEngine, type FliteEngine } from '../../src/providers/embedded/flite-engine.ts'
import { vapi } from '../support/program.ts'
import { runSimulation } from '../support/simulation.ts'

const page = {
  name: 'My Custom Dictionary',
  rules: [
    { stringToReplace: 'tomato', type: 'phoneme', phoneme: "/tə'meɪtoʊ/", alphabet: 'ipa' },
    { stringToReplace: 'Vapi', type: 'phoneme', phoneme: 'V AE P IY', alphabet: 'cmu-arpabet' },
    { stringToReplace: 'UN', type: 'alias', alias: 'United Nations' },
  ],
}
const alias = (stringToReplace: string, spoken: string) => ({ type: 'alias', stringToReplace, alias: spoken })
const phoneme = (stringToReplace: string, phonemes: string, alphabet = 'ipa') => ({
  type: 'phoneme',
  stringToReplace,
  phoneme: phonemes,
  alphabet,
})

function compile(voice: object, dictionary: unknown = page) {
  const configured = { provider: '11labs', voiceId: 'sarah', pronunciationDictionary: dictionary, ...voice }
  const compiled = compileVoices(parseAssistant({ voice: configured }, 'a test').voice)
  return { ...compiled, markup: compiled.markup[0], settings: compiled.settings[0] }
}

/** What a voice gets of a text, through the formatter and its dictionaries. */
function given(text: string, voice: object = {}, dictionary: unknown = page): string {
  const { format, markup } = compile(voice, dictionary)
  return createPronouncer(markup.rules)(createFormatter(format)(text).text).text
}
const withRules = (text: string, ...rules: object[]) => given(text, {}, { rules })

describe('a rule of a dictionary', () => {
  it('[pronunciation-applied-automatically] acts wherever its word comes', () => {
    expect(given('The UN eats a tomato at the UN.')).toBe(
      `The United Nations eats a <phoneme alphabet="ipa" ph="tə'meɪtoʊ">tomato</phoneme> at the United Nations.`,
    )
  })

  it.each([
    ['pronunciation-example-nginx', 'Nginx', alias('Nginx', 'Engine-X'), 'Engine-X'],
    [
      'pronunciation-example-kubernetes',
      'Kubernetes',
      phoneme('Kubernetes', '/ˌkuːbərˈneɪtiːz/'),
      '<phoneme alphabet="ipa" ph="ˌkuːbərˈneɪtiːz">Kubernetes</phoneme>',
    ],
    [
      'pronunciation-phoneme-rule, pronunciation-ipa, pronunciation-example-tomato',
      'tomato',
      page.rules[0],
      `<phoneme alphabet="ipa" ph="tə'meɪtoʊ">tomato</phoneme>`,
    ],
    [
      'pronunciation-cmu',
      'tomato',
      phoneme('tomato', 'T AH M EY T OW', 'cmu-arpabet'),
      '<phoneme alphabet="cmu-arpabet" ph="T AH M EY T OW">tomato</phoneme>',
    ],
    [
      'pronunciation-example-vapi',
      'Vapi',
      page.rules[1],
      '<phoneme alphabet="cmu-arpabet" ph="V AE P IY">Vapi</phoneme>',
    ],
    ['pronunciation-alias-rule', 'gif', alias('gif', 'a moving picture'), 'a moving picture'],
    ['pronunciation-alias-example', 'UN', page.rules[2], 'United Nations'],
  ])('[%s] %s', (_rule, word, rule, spoken) => {
    expect(withRules(`Say ${word}, please.`, rule)).toBe(`Say ${spoken}, please.`)
  })

  it('[pronunciation-alphabets] has one of two alphabets', () => {
    expect(() => withRules('a', phoneme('a', 'x', 'x-sampa'))).toThrow(
      'voice.pronunciationDictionary[0].rules[0].alphabet is not ipa or cmu-arpabet',
    )
  })

  it.each([
    [{ type: 'alias', alias: 'x' }, 'stringToReplace'],
    [{ type: 'alias', stringToReplace: '', alias: 'x' }, 'stringToReplace'],
    [{ type: 'alias', stringToReplace: 'a' }, 'alias'],
    [{ type: 'phoneme', stringToReplace: 'a', alphabet: 'ipa' }, 'phoneme'],
    [{ type: 'respell', stringToReplace: 'a', alias: 'x' }, 'type'],
    ['a', 'rules[0]'],
  ])('[pronunciation-dictionary-shape] has all of its parts: %j is refused', (rule, path) => {
    expect(() => given('a', {}, { name: 'x', rules: [rule] })).toThrow(path)
  })

  it('[pronunciation-dictionary-shape] is read in both spellings of its keys', () => {
    expect(withRules('UN', { string_to_replace: 'UN', type: 'alias', alias: 'x' })).toBe('x')
    expect(given('UN', { provider: 'cartesia' }, { items: [{ text: 'UN', alias: 'x' }] })).toBe('x')
  })

  it('[pronunciation-dictionary-reply] is read as the API answers it, in both forms', () => {
    const reply = { pronunciationDictionaryId: 'one', versionId: '1', createdAt: '2024-01-15T10:30:00Z' }
    expect(given('UN', {}, { ...reply, ...page })).toBe('United Nations')
    expect(given('UN', {}, { id: 'two', resourceId: 'one', resource: { ...reply, ...page } })).toBe(
      'United Nations',
    )
  })

  it('[pronunciation-case-sensitive, pronunciation-exact-match] looks for its text with its case, as a whole word', () => {
    expect(given('un UNO FUN UN-led Un')).toBe('un UNO FUN United Nations-led Un')
    expect(withRules('C++ and .ios or .io', alias('C++', 'see'), alias('.io', 'net'))).toBe(
      'see and .ios or net',
    )
    expect(withRules('über übers', alias('über', 'x'))).toBe('x übers')
  })

  it('[pronunciation-case-entries] acts on its own case alone', () => {
    expect(withRules('un Un', alias('un', 'one'), alias('Un', 'two'))).toBe('one two')
  })

  it('[pronunciation-order, pronunciation-first-match] goes before those after it, and what it wrote stays', () => {
    expect(withRules('UN', alias('UN', 'first'), alias('UN', 'second'))).toBe('first')
    expect(withRules('New York', alias('York', 'place'), alias('New York', 'town'))).toBe('New place')
    expect(withRules('New York', alias('New York', 'town'), alias('York', 'place'))).toBe('town')
    expect(withRules('UN', alias('UN', 'United Nations'), alias('Nations', 'x'))).toBe('United Nations')
  })

  it('[pronunciation-existing-ssml] leaves tags and what they enclose whole', () => {
    const tags =
      '<break time="1s" x="UN"/> <spell>UN</spell> <phoneme ph="x">UN</phoneme> <sub alias="UN">b</sub>'
    expect(given(`UN ${tags} UN`)).toBe(`United Nations ${tags} United Nations`)
    expect(given('<emphasis level="strong">UN</emphasis> <script>')).toBe(
      '<emphasis level="strong">United Nations</emphasis> ',
    )
  })

  it('is told where the formatter leaves it nothing to find', () => {
    const { warnings } = compile({}, { rules: [alias('SQL', 'sequel'), alias('UN', 'x')] })
    expect(warnings).toEqual(['voice: the rule for SQL finds nothing: the formatter makes it "S Q L"'])
  })

  it('[pronunciation-large-dictionary] is one of 1000 in under 50 ms for a chunk', () => {
    const rules: PronunciationRule[] = Array.from({ length: 1000 }, (_, index) => ({
      type: 'alias',
      text: `word${index}`,
      alias: `${index}`,
    }))
    const pronounce = createPronouncer([...rules, { type: 'alias', text: 'word999', alias: 'never' }])
    const chunk = 'word999 and word1 and much that is in no dictionary at all. '.repeat(8)
    pronounce(chunk)
    const before = process.cpuUsage()
    for (let round = 0; round < 10; round++) expect(pronounce(chunk).text).toContain('999 and 1 and')
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / 10).toBeLessThan(50)
  })
})

describe('a voice with a dictionary', () => {
  it.each([
    ['11labs', true],
    ['cartesia', true],
    ['vapi', true],
    ['embedded', true],
    ['openai', false],
    ['azure', false],
  ])('[pronunciation-elevenlabs] %s: it acts: %s', (provider, acts) => {
    const { warnings, markup } = compile({ provider }, { rules: [alias('UN', 'x')] })
    expect(markup.rules).toHaveLength(acts ? 1 : 0)
    expect(warnings).toEqual(acts ? [] : [expect.stringContaining(`no effect with voices of ${provider}`)])
  })

  it.each([
    ['pronunciation-turbo-v2', 'eleven_turbo_v2', true],
    ['pronunciation-flash-v2', 'eleven_flash_v2', true],
    ['pronunciation-phoneme-models', 'eleven_turbo_v2_5', false],
    ['pronunciation-phoneme-models', 'eleven_flash_v2_5', false],
    ['pronunciation-phoneme-models', 'eleven_multilingual_v2', false],
    ['pronunciation-phoneme-models', 'eleven_v3', false],
  ])('[%s, pronunciation-model-needed] %s takes phonemes: %s', (_rule, model, takes) => {
    const { warnings } = compile({ model })
    expect(warnings).toEqual(
      takes ? [] : [expect.stringContaining(`no effect with ${model}, alias rules have`)],
    )
    const tomato = `<phoneme alphabet="ipa" ph="tə'meɪtoʊ">tomato</phoneme>`
    expect(given('tomato', { model })).toBe(takes ? tomato : 'tomato')
  })

  it.each([
    'eleven_multilingual_v2',
    'eleven_turbo_v2_5',
    'eleven_flash_v2',
    'eleven_monolingual_v1',
    'eleven_v3',
  ])('[pronunciation-alias-all-models] %s takes aliases', model =>
    expect(given('UN', { model })).toBe('United Nations'),
  )

  const locators = [{ pronunciationDictionaryId: 'rjshI10OgN6KxqtJBqO4', versionId: 'xJl0ImZzi3cYp61T0UQG' }]
  const example = {
    model: 'eleven_turbo_v2_5',
    stability: 0.5,
    similarityBoost: 0.75,
    pronunciationDictionaryLocators: locators,
  }

  it('[pronunciation-locators, pronunciation-own-account, pronunciation-voice-settings-kept] sends its locators and settings to its provider as they are', () => {
    const { settings } = compile(example, [])
    expect(settings).toEqual({ ...example, enableSsmlParsing: true })
    expect(() => compile({ pronunciationDictionaryLocators: [{ versionId: '1' }] }, [])).toThrow(
      'voice.pronunciationDictionaryLocators[0].pronunciationDictionaryId',
    )
  })

  it('[pronunciation-example-voice] is warned about phonemes that its model does not take', () => {
    const { warnings } = compile(example, [])
    expect(warnings).toEqual([expect.stringContaining('phoneme rules have no effect with eleven_turbo_v2_5')])
  })

  it('[pronunciation-own-account] is not applied twice where its rules are given here', () => {
    const { settings, markup } = compile(example, {
      pronunciationDictionaryId: 'rjshI10OgN6KxqtJBqO4',
      ...page,
    })
    expect(markup.rules.map(({ text }) => text)).toEqual(['UN'])
    expect(settings).not.toHaveProperty('pronunciationDictionaryLocators')
    const mine = { provider: 'cartesia', pronunciationDictId: 'one' }
    expect(compile(mine, []).settings).toEqual({ pronunciationDictId: 'one' })
    expect(compile(mine, { id: 'one', ...page }).settings).toEqual({})
  })

  it('[pronunciation-own-account] is told to be unknown where the provider does not apply it itself', () => {
    const unknown = [expect.stringContaining('are not known here')]
    expect(compile({ provider: 'vapi', pronunciationDictionaryLocators: locators }, []).warnings).toEqual(
      unknown,
    )
    expect(compile({ provider: 'cartesia', pronunciationDictId: 'one' }, []).warnings).toEqual([
      expect.stringContaining('phoneme rules have no effect with voices of cartesia'),
    ])
    expect(compile({ model: 'eleven_turbo_v2', pronunciationDictId: 'one' }, []).warnings).toEqual(unknown)
  })

  it('[pronunciation-ssml-on] has SSML on, without enableSsmlParsing', () => {
    expect(compile({}).settings).toEqual({ enableSsmlParsing: true })
    expect(compile({}, []).settings).toEqual({})
    expect(compile({}).format.ssml).toBe(true)
    expect(compile({}, []).format.ssml).toBe(false)
    const text = 'a <prosody rate="slow">b</prosody> <tag>c'
    expect(given(text)).toBe('a <prosody rate="slow">b</prosody> c')
    expect(given(text, {}, [])).toBe('a b c')
  })

  it('keeps the model’s own words in what was said, and gives the voice the rest', async () => {
    const call = await runSimulation(`
assistant: { voice: { provider: 11labs, voiceId: a, pronunciationDictionary: ${JSON.stringify(page)} } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "The UN is here." }]
voice: { charactersPerSecond: 10 }`)
    expect(call.first('assistant.speech.stopped').spokenText).toBe('The UN is here.')
    // “The United Nations is here.” takes 2.7 s where the model's own words would take 1.5 s.
    const lasted = call.first('assistant.speech.stopped').atMs - call.first('assistant.speech.started').atMs
    expect(lasted).toBe(2700)
  })
})

describe('a dictionary in a file', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vapi-dictionary-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('[pronunciation-update] acts as it is when a call begins', async () => {
    const assistant = {
      firstMessage: 'The UN',
      firstMessageMode: 'assistant-speaks-first',
      model: { provider: 'ollama', model: 'none' },
      voice: { provider: 'embedded', voiceId: 'slt' },
    }
    await writeFile(join(folder, 'assistant.json'), JSON.stringify(assistant))
    const args = [
      'call',
      'local',
      'assistant.json',
      '--in',
      'text',
      '--voice',
      'silent',
      '--pronunciation',
      'words.yaml',
      '--json',
    ]
    const lasts = async (spoken: string) => {
      await writeFile(join(folder, 'words.yaml'), JSON.stringify({ rules: [alias('UN', spoken)] }))
      const { stdout } = await vapi(args, { cwd: folder, stdin: '' })
      const events = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      const at = (type: string) => events.find(event => event.type === type)?.atMs
      return at('assistant.speech.stopped') - at('assistant.speech.started')
    }
    const long = await lasts('United Nations of the whole wide world')
    const short = await lasts('U N')
    expect(long - short).toBeGreaterThan(1500)
    expect(await readFile(join(folder, 'words.yaml'), 'utf8')).toContain('U N')
  })
})

/** A voice that says what it was given, ten characters a second. */
function simulated(spoken: string[], pieces = 1): Voice {
  return {
    name: 'simulated/voice',
    capabilities: { wordTiming: false },
    async *speak({ text }): AsyncGenerator<VoicePiece> {
      spoken.push(text)
      for (let piece = 0; piece < pieces; piece++)
        yield { audio: { type: 'silent', durationMs: (text.length * 100) / pieces } }
    },
    close: async () => {},
  }
}

/** A voice that tells the time of its last word. */
function timing(spoken: string[]): Voice {
  return {
    ...simulated([]),
    async *speak({ text }): AsyncGenerator<VoicePiece> {
      spoken.push(text)
      const word = { from: text.lastIndexOf(' ') + 1, to: text.length, startMs: 0, endMs: 100 }
      yield { audio: { type: 'silent', durationMs: 100 }, words: [word] }
    },
  }
}

async function speak(voice: Voice, text: string) {
  const pieces: VoicePiece[] = []
  for await (const piece of voice.speak({ text, settings: {} }, new AbortController().signal))
    pieces.push(piece)
  const lengths = pieces.map(({ audio }) =>
    audio.type === 'silent' ? audio.durationMs : (audio.samples.length / audio.sampleRate) * 1000,
  )
  const words: WordTiming[] = pieces.flatMap(piece => piece.words ?? [])
  return {
    pieces,
    durationMs: lengths.reduce((sum, length) => sum + length, 0),
    words,
    warnings: pieces.flatMap(({ warning }) => warning ?? []),
    /** What was heard up to a moment. */
    heard: (ms: number) =>
      text.slice(0, Math.max(0, ...words.filter(({ endMs }) => endMs <= ms).map(({ to }) => to))).trimEnd(),
  }
}

describe('markup', () => {
  it('[api-break-and-spell-honoured] is honoured by a voice that can', async () => {
    const spoken: string[] = []
    const voice = withMarkup(simulated(spoken), compile({ provider: 'cartesia' }, []).markup)
    const text = 'Your code <break time="2s"/> is <spell>AB1</spell> now'
    const { durationMs, words, heard, warnings } = await speak(voice, text)
    expect(spoken).toEqual(['Your code  is A B 1 now'])
    expect(durationMs).toBe(2300 + 2000)
    expect(warnings).toEqual([])
    expect(words.map(({ from, to }) => text.slice(from, to))).toEqual([
      'Your',
      'code',
      'is',
      '<spell>AB1</spell>',
      'now',
    ])
    expect(heard(900)).toBe('Your code')
    expect(heard(3200)).toBe('Your code')
    expect(heard(3300)).toBe('Your code <break time="2s"/> is')
    expect(heard(4300)).toBe(text)
  })

  it('is taken out for a voice that cannot, and told once', async () => {
    const spoken: string[] = []
    const voice = withMarkup(simulated(spoken), compile({ provider: 'openai' }, []).markup)
    const first = await speak(
      voice,
      'One <break time="2s"/>two <spell>AB</spell>, <sub alias="three">3</sub>',
    )
    const second = await speak(voice, 'Four <break/> five')
    expect(spoken).toEqual(['One two AB, three', 'Four  five'])
    expect([...first.warnings, ...second.warnings]).toEqual([
      'the voice simulated/voice does not honour <break>, <spell>; the tags were taken out',
    ])
    expect((await speak(voice, '<break time="3s"/>')).durationMs).toBe(1)
  })

  it('reaches a voice that reads it, but for what its provider does not honour', async () => {
    const spoken: string[] = []
    const told: string[][] = []
    const heard: (string | undefined)[] = []
    for (const provider of ['11labs', 'cartesia', 'embedded']) {
      const reading: Voice = { ...timing(spoken), capabilities: { wordTiming: true, markup: true } }
      const voice = withMarkup(
        reading,
        compile({ provider, model: 'eleven_turbo_v2' }, { rules: [alias('UN', 'the nations')] }).markup,
      )
      const text =
        'UN <break time="1s"/> <spell>AB</spell> <phoneme ph="x">cd</phoneme> <sub alias="three">3</sub> end'
      const { words, warnings } = await speak(voice, text)
      told.push(warnings)
      const last = words.at(-1)
      heard.push(text.slice(last?.from, last?.to))
    }
    expect(spoken).toEqual([
      'the nations <break time="1s"/> AB <phoneme ph="x">cd</phoneme> three end',
      'the nations <break time="1s"/> <spell>AB</spell> cd three end',
      'the nations <break time="1s"/> <spell>AB</spell> <phoneme ph="x">cd</phoneme> <sub alias="three">3</sub> end',
    ])
    expect(told).toEqual([
      ['the voice simulated/voice does not honour <spell>; the tags were taken out'],
      ['the voice simulated/voice does not honour <phoneme>; the tags were taken out'],
      [],
    ])
    expect(heard).toEqual(['end', 'end', 'end'])
  })

  it('is told of breaks that a voice with sound loses', async () => {
    const sound: Voice = {
      ...simulated([]),
      async *speak() {
        yield { audio: { type: 'pcm', samples: new Int16Array(160), sampleRate: 16_000 } }
      },
    }
    const voice = withMarkup(sound, compile({ provider: '11labs' }, []).markup)
    expect((await speak(voice, 'One <break time="2s"/> two')).warnings).toEqual([
      'the voice simulated/voice does not honour <break>; the tags were taken out',
    ])
  })

  it('says tags that are no markup of voices as they stand', async () => {
    const spoken: string[] = []
    await speak(withMarkup(simulated(spoken), compile({ provider: 'openai' }, []).markup), 'Hm <flush /> you')
    expect(spoken).toEqual(['Hm <flush /> you'])
  })

  it('leads what was heard back through aliases to whole words', async () => {
    const voice = withMarkup(simulated([]), compile({}).markup)
    const { heard } = await speak(voice, 'The UN met')
    // “The United Nations met”
    expect(heard(300)).toBe('The')
    expect(heard(1000)).toBe('The')
    expect(heard(1800)).toBe('The UN')
    expect(heard(2200)).toBe('The UN met')
  })
})

describe('the embedded voice', () => {
  let engine: FliteEngine
  beforeAll(() => {
    engine = createFliteEngine()
  })
  afterAll(() => engine.close())

  const say = async (text: string, dictionary?: unknown) =>
    speak(withMarkup(engine.voice(), compile({ provider: 'embedded' }, dictionary).markup), text)
  const samplesOf = ({ pieces }: Awaited<ReturnType<typeof say>>) =>
    pieces.flatMap(({ audio }) => (audio.type === 'pcm' ? [...audio.samples] : []))

  it('[api-break-and-spell-honoured] makes breaks into silence and spells letter by letter', async () => {
    const text = 'One moment. <break time="700ms"/> Code <spell>AB1</spell>.'
    const { pieces, heard, durationMs } = await say(text)
    expect(pieces[1].audio).toEqual({ type: 'pcm', samples: new Int16Array(11_200), sampleRate: 16_000 })
    const first = pieces[0].audio
    const firstMs = first.type === 'pcm' ? first.samples.length / 16 : 0
    expect(heard(firstMs + 699)).toBe('One moment.')
    expect(heard(durationMs + 1)).toMatch(/^One moment\. .*AB1/)
    expect(samplesOf(await say('AB1'))).not.toEqual(samplesOf(await say('<spell>AB1</spell>')))
    expect(samplesOf(await say('<spell>AB1</spell>'))).toEqual(samplesOf(await say('A B 1')))
  })

  it('says phonemes in both alphabets, as the rule has them', async () => {
    const plain = samplesOf(await say('I like tomato soup'))
    const british = samplesOf(await say('I like tomato soup', { rules: [phoneme('tomato', "/tə'mɑːtoʊ/")] }))
    const cmu = samplesOf(
      await say('I like tomato soup', { rules: [phoneme('tomato', 'T AH0 M AA1 T OW0', 'cmu-arpabet')] }),
    )
    expect(british).not.toEqual(plain)
    expect(british).toEqual(cmu)
    const american = samplesOf(await say('I like tomato soup', { rules: [page.rules[0]] }))
    expect(american).toHaveLength(plain.length)
  })

  it('reads the word where it has no sounds for its phonemes, and says so', async () => {
    const { warnings, pieces } = await say('Say it', { rules: [phoneme('it', '/ǃ/')] })
    expect(warnings).toEqual([expect.stringContaining('no sounds for the phonemes ǃ')])
    expect(samplesOf({ pieces } as Awaited<ReturnType<typeof say>>)).toEqual(samplesOf(await say('Say it')))
  })

  it('says the alias of a substitution', async () => {
    expect(samplesOf(await say('<sub alias="World Wide Web">WWW</sub> now'))).toEqual(
      samplesOf(await say('World Wide Web now')),
    )
  })
})
