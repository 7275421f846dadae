import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'
import { startOpenAiRealtime } from '../support/providers/openai-realtime.ts'
import { KEY } from '../support/providers/transcription-server.ts'
import { callerFile } from '../support/realtime.ts'

it('calls an assistant with a realtime model from a file into a file, and plays the saved call again', async () => {
  const server = await startOpenAiRealtime({
    answers: [{ text: 'Nine is free tomorrow.' }],
    hears: ['Is tomorrow free?'],
  })
  onTestFinished(() => server.close())
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'assistant.json'),
    JSON.stringify({
      firstMessage: 'Hello, this is Anna.',
      model: {
        provider: 'openai',
        model: 'gpt-realtime-2025-08-28',
        messages: [{ role: 'system', content: 'You are kind.' }],
      },
      voice: { provider: 'openai', voiceId: 'marin' },
      startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } },
    }),
  )
  const path = await callerFile(2500, 'Is tomorrow free?', 3500)
  const env = { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: KEY, HOME: cwd }
  const { code, stdout, stderr } = await vapi(
    [
      'call',
      'local',
      'assistant.json',
      '--in',
      path,
      '--out',
      'heard.wav',
      '--save',
      'call.vapicall',
      '--skip-analysis',
      '--json',
    ],
    { cwd, env },
  )
  expect([code, stderr]).toEqual([0, expect.not.stringContaining(KEY)])
  const lines = jsonLines(stdout)
  const said = lines.filter(({ type, transcriptType }) => type === 'transcript' && transcriptType === 'final')
  expect(said.map(({ role, transcript }) => [role, transcript])).toEqual([
    ['assistant', 'Hello, this is Anna.'],
    ['user', 'Is tomorrow free?'],
    ['assistant', 'Nine is free tomorrow.'],
  ])
  expect(lines.find(({ type }) => type === 'call.ended')).toMatchObject({
    endedReason: 'customer-ended-call',
  })
  expect(stdout).not.toContain(KEY)
  // 15 and 18 letters of 60 ms, at 16 kHz.
  const heard = readFileSync(join(cwd, 'heard.wav'))
  const samples = new Int16Array(new Uint8Array(heard).buffer, 44)
  const loudMs = samples.filter(sample => sample > 1000).length / 16
  expect(Math.abs(loudMs - 33 * 60)).toBeLessThan(60)

  const replayed = await vapi(['call', 'replay', 'call.vapicall', '--json'], { cwd, env: { HOME: cwd } })
  expect([replayed.code, replayed.stderr]).toEqual([0, expect.any(String)])
  const changed = await vapi(
    ['call', 'replay', 'call.vapicall', '--set', 'startSpeakingPlan.waitSeconds=0', '--json'],
    { cwd, env: { HOME: cwd } },
  )
  // It answers sooner, with the same words and the same sound.
  const { turns } = JSON.parse(changed.stdout)
  expect(turns.map(({ status }: { status: string }) => status)).toEqual(['same', 'differs'])
  expect(turns[1].after.assistant).toBe('Nine is free tomorrow.')
  expect(turns[1].after.latency.waitMs).toBeLessThan(turns[1].before.latency.waitMs - 300)
})

it('refuses before the call a voice that the model does not have', async () => {
  const cwd = temporaryFolder()
  const assistant = {
    model: { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
    voice: { provider: 'openai', voiceId: 'nova' },
  }
  writeFileSync(join(cwd, 'assistant.json'), JSON.stringify(assistant))
  const { code, stderr } = await vapi(
    ['call', 'local', 'assistant.json', '--in', await callerFile(100), '--out', 'none'],
    {
      cwd,
      env: { HOME: cwd, OPENAI_API_KEY: KEY },
    },
  )
  expect(code).toBe(2)
  expect(stderr).toContain('gpt-realtime-2025-08-28 has no voice nova')
})
