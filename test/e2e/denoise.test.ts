import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mix, SOUNDS } from '../../bench/denoise/sounds.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { synthesise } from '../support/speech.ts'

const noRecogniser = requires('pocketsphinx_continuous')

/** Calls with a recorded caller, beside whom a radio plays. */
async function call(plan: object, ...more: string[]) {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(() => textReply(['Fine.']))
  const folder = temporaryFolder()
  const assistant = {
    firstMessageMode: 'assistant-waits-for-user',
    model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
    voice: { provider: 'embedded', voiceId: 'slt' },
    transcriber: { provider: 'pocketsphinx' },
    startSpeakingPlan: { waitSeconds: 0, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.3 } },
    backgroundSpeechDenoisingPlan: plan,
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
  const speech = await synthesise('I need an appointment for tomorrow.')
  const sound = new Int16Array(speech.length + 2 * 16_000)
  sound.set(speech, 16_000)
  const noisy = mix(sound, [[16_000, 16_000 + speech.length]], SOUNDS.music(sound.length), 15)
  writeFileSync(join(folder, 'in.wav'), encodeWav(noisy, { sampleRate: 16_000, channels: 1 }))
  const args = ['call', 'local', 'assistant.json', '--in', 'in.wav', '--json', ...more]
  const { stdout, code } = await vapi(args, { cwd: folder })
  const events = jsonLines(stdout)
  return {
    code,
    heard: events
      .filter(
        ({ type, role, transcriptType }) =>
          type === 'transcript' && role === 'user' && transcriptType === 'final',
      )
      .map(({ transcript }) => String(transcript).toLowerCase())
      .join(' '),
    warnings: events.filter(({ type }) => type === 'warning').map(({ message }) => String(message)),
  }
}

const both = { smartDenoisingPlan: { enabled: true }, fourierDenoisingPlan: { enabled: true } }

describe.skipIf(noRecogniser)(
  `a caller beside a radio${noRecogniser ? ` (skipped: ${noRecogniser})` : ''}`,
  () => {
    it('[denoise-methods-together-or-apart] is understood through both methods, without a warning', async () => {
      const { code, heard, warnings } = await call(both)
      expect({ code, heard }).toEqual({ code: 0, heard: expect.stringContaining('appointment') })
      expect(warnings.join()).not.toMatch(/denois/i)
    }, 60_000)

    it('[denoise-not-with-headphones] who wears headphones is warned about Fourier denoising', async () => {
      const { code, warnings } = await call(both, '--headphones', '--denoiser', 'rnnoise')
      expect(code).toBe(0)
      expect(warnings).toContainEqual(expect.stringContaining('Fourier denoising may harm'))
    }, 60_000)
  },
)
