import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readWav } from '../../src/audio/wav/read.ts'
import { type FakeOpenAi, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, type Running, startVapi, temporaryFolder, vapi } from '../support/program.ts'

interface LiveCall {
  folder: string
  server: FakeOpenAi
  running: Running
  controlUrl: string
  listenUrl: string
  /** Ends the typed conversation and gives all events. */
  hangUp(): Promise<Record<string, unknown>[]>
}

/** A typed call with its control port open; its keyboard stays open. */
async function startCall(assistant: object = {}, flags: readonly string[] = []): Promise<LiveCall> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(() => textReply(['Very well.']))
  const folder = temporaryFolder()
  const model = { provider: 'custom-llm', url: server.baseUrl, model: 'test' }
  const startSpeakingPlan = { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } }
  writeFileSync(
    join(folder, 'assistant.json'),
    JSON.stringify({ firstMessage: 'Hello.', model, startSpeakingPlan, ...assistant }),
  )
  const running = startVapi(
    ['call', 'local', 'assistant.json', '--in', 'text', '--json', '--control', ...flags],
    { cwd: folder, stdin: null },
  )
  let stdout = ''
  running.child.stdout?.on('data', text => {
    stdout += text
  })
  onTestFinished(() => void running.child.kill())
  await running.prints(/"spokenText":"Hello\."/)
  const opened = jsonLines(stdout.slice(0, stdout.lastIndexOf('\n'))).find(
    ({ type }) => type === 'monitor.opened',
  )
  return {
    folder,
    server,
    running,
    controlUrl: String(opened?.controlUrl),
    listenUrl: String(opened?.listenUrl),
    hangUp: async () => {
      running.child.stdin?.end()
      return jsonLines((await running.finished).stdout)
    },
  }
}

async function post(
  url: string,
  message: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(message) })
  return { status: reply.status, json: (await reply.json()) as Record<string, unknown> }
}

describe('a local call with --control', () => {
  it('says what is posted, adds messages for the model, and refuses what it does not know', async () => {
    const call = await startCall()
    const { controlUrl, running, server } = call
    expect(await post(controlUrl, { type: 'say', content: 'One moment, please.' })).toMatchObject({
      status: 200,
    })
    await running.prints('"spokenText":"One moment, please."')
    const pressed = { role: 'system', content: 'The button was pressed.' }
    expect((await post(controlUrl, { type: 'add-message', message: pressed })).status).toBe(200)
    const wrong = controlUrl.replace(/\/[\w-]{32}\//, `/${'A'.repeat(32)}/`)
    expect(await post(wrong, { type: 'end-call' })).toMatchObject({ status: 404, json: { statusCode: 404 } })
    expect(await post(controlUrl, { type: 'dance' })).toMatchObject({
      status: 400,
      json: { error: 'Bad Request', message: [expect.stringContaining('there is no type "dance"')] },
    })
    running.child.stdin?.write('And now?\n')
    await running.prints('"spokenText":"Very well."')
    expect(server.requests.at(-1)?.json).toMatchObject({
      messages: [
        { role: 'assistant', content: 'Hello.' },
        { role: 'assistant', content: 'One moment, please.' },
        pressed,
        { role: 'user', content: 'And now?' },
      ],
    })
    const events = await call.hangUp()
    const ended = events.find(({ type }) => type === 'call.ended')
    expect(ended?.artifact).toMatchObject({
      transcript: 'AI: Hello.\nAI: One moment, please.\nUser: And now?\nAI: Very well.',
    })
    const { stderr } = await running.finished
    expect(stderr).toContain(`controlUrl  ${controlUrl}\n`)
    // Who can read the events of a call must not be able to steer it.
    const log = /^events +(\/.*)$/m.exec(stderr)?.[1] ?? ''
    expect(readFileSync(log, 'utf8')).not.toContain(new URL(controlUrl).pathname.split('/')[1])
  })

  it('is steered by the commands for hosted calls, without an account', async () => {
    const { controlUrl, listenUrl, running, server } = await startCall()
    const steer = async (...words: string[]) => {
      const { code, stderr } = await vapi(words)
      expect({ words, code, stderr }).toMatchObject({ code: 0 })
    }
    await steer('call', 'say', controlUrl, 'I am told to say this.')
    await running.prints('"spokenText":"I am told to say this."')
    await steer('call', 'message', controlUrl, 'It rains.', '--role', 'user')
    await running.prints('"spokenText":"Very well."')
    expect(server.requests[0]?.json).toMatchObject({
      messages: expect.arrayContaining([{ role: 'user', content: 'It rains.' }]),
    })
    await steer('call', 'mute', controlUrl, '--who', 'customer')
    await running.prints('"customer.muted"')
    // The other address of the same call does as well.
    await steer('call', 'end', listenUrl)
    const { stdout } = await running.finished
    expect(jsonLines(stdout).find(({ type }) => type === 'call.ended')).toMatchObject({
      endedReason: 'manually-canceled',
    })
    const late = await vapi(['call', 'say', controlUrl, 'Too late.'])
    expect(late.code).not.toBe(0)
    expect(late.stderr).toMatch(/^error: /)
  })

  it('is heard by call listen', async () => {
    const call = await startCall({ voice: { provider: 'embedded' } }, ['--out', 'reply.wav'])
    const listening = startVapi(['call', 'listen', call.listenUrl, '--out', 'heard.wav'], {
      cwd: call.folder,
    })
    await listening.prints('listening to the call')
    await post(call.controlUrl, {
      type: 'say',
      content: 'Good day to everybody who listens.',
      endCallAfterSpoken: true,
    })
    expect((await listening.finished).code).toBe(0)
    const { sampleRate, channels } = readWav(readFileSync(join(call.folder, 'heard.wav')))
    expect({ sampleRate, channels: channels.length }).toEqual({ sampleRate: 16_000, channels: 2 })
    expect(channels[0]?.every(sample => sample === 0)).toBe(true)
    expect(channels[1]?.some(sample => Math.abs(sample) > 0.05)).toBe(true)
    await call.running.finished
  })

  it('[api-monitor-plan] refuses what monitorPlan forbids, and prints no address for it', async () => {
    const call = await startCall({ monitorPlan: { controlEnabled: false } })
    expect(call.controlUrl).toBe('undefined')
    const refused = await vapi(['call', 'end', call.listenUrl])
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('controlEnabled') })
    await call.hangUp()
  })

  it('tells servers where the call is steered, as the hosted platform does', async () => {
    const hook = await startFakeOpenAi()
    onTestFinished(() => hook.close())
    const call = await startCall({ server: { url: `${hook.url}/hook` } })
    await call.hangUp()
    const monitors = hook.requests.map(
      ({ json }) => (json as { message: { call: { monitor?: object } } }).message.call.monitor,
    )
    expect(monitors[0]).toEqual({ controlUrl: call.controlUrl, listenUrl: call.listenUrl })
  })

  it.each([['0'], ['70000'], ['1.5']])('refuses the port %s', async port => {
    const { code, stderr } = await vapi(['call', 'local', 'x.json', '--in', 'text', '--control-port', port])
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--control-port') })
  })
})
