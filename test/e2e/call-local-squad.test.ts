import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FakeOpenAi, startFakeOpenAi, textReply, toolCallReply } from '../support/fake-openai.ts'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'

async function model(): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  return server
}

const brain = (server: FakeOpenAi, prompt: string, tools: unknown[] = []) => ({
  provider: 'custom-llm',
  url: server.baseUrl,
  model: 'test',
  messages: [{ role: 'system', content: prompt }],
  tools,
})

function write(name: string, document: unknown): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), JSON.stringify(document))
  return folder
}

describe('a squad', () => {
  it('hands over in a live call, to the member that the model names', async () => {
    const server = await model()
    server.script(
      toolCallReply([{ id: 'call_1', name: 'transferCall', arguments: { destination: 'sales' } }]),
      textReply(['Nine euros.']),
    )
    const plan = { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } }
    const folder = write('squad.json', {
      members: [
        {
          assistant: {
            name: 'desk',
            firstMessage: 'The desk.',
            model: brain(server, 'You are the desk.'),
            startSpeakingPlan: plan,
          },
          assistantDestinations: [
            {
              type: 'assistant',
              assistantName: 'sales',
              message: 'One moment.',
              transferMode: 'swap-system-message-in-history',
            },
          ],
        },
        {
          assistant: {
            name: 'sales',
            firstMessage: 'Sales here.',
            model: brain(server, 'You sell.'),
            startSpeakingPlan: plan,
          },
        },
      ],
    })
    const { stdout, code } = await vapi(['call', 'local', 'squad.json', '--in', 'text', '--json'], {
      cwd: folder,
      stdin: 'Sales please.\nWhat does it cost?\n',
    })
    expect(code).toBe(0)
    const events = jsonLines(stdout)
    expect(events.find(({ type }) => type === 'assistant.changed')).toMatchObject({
      from: 'desk',
      to: 'sales',
    })
    expect(events.filter(({ type }) => type === 'assistant.speech.started').map(({ text }) => text)).toEqual([
      'The desk.',
      'One moment.',
      'Sales here.',
      'Nine euros.',
    ])
    expect(server.requests[1]?.json).toMatchObject({
      messages: [
        { role: 'system', content: 'You sell.' },
        { role: 'assistant', content: 'The desk.' },
        { role: 'user', content: 'Sales please.' },
        { role: 'assistant', content: 'One moment.' },
        { role: 'assistant' },
        { role: 'tool' },
        { role: 'assistant', content: 'Sales here.' },
        { role: 'user', content: 'What does it cost?' },
      ],
    })
  })
})

describe('tools of a live call', () => {
  const code = {
    type: 'code',
    function: { name: 'add' },
    code: 'return args.a + args.b',
    messages: [{ type: 'request-start', content: '' }],
  }

  it.each([
    [['--allow-code'], '3'],
    [[], 'the code of this tool was not run: a local call runs code only with --allow-code'],
  ])('run code only where the user lets them: %s', async (flags, answer) => {
    const server = await model()
    server.script(
      toolCallReply([{ id: 'call_1', name: 'add', arguments: { a: 1, b: 2 } }]),
      textReply(['Well.']),
    )
    const folder = write('assistant.json', {
      firstMessage: 'Hello.',
      model: brain(server, 'Be brief.', [code]),
      startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } },
    })
    const { code: exit } = await vapi(['call', 'local', 'assistant.json', '--in', 'text', ...flags], {
      cwd: folder,
      stdin: 'Add.\n',
    })
    expect(exit).toBe(0)
    expect(server.requests[1]?.json).toMatchObject({
      messages: expect.arrayContaining([{ role: 'tool', tool_call_id: 'call_1', content: answer }]),
    })
  })

  it('takes the keys of a customer who types', async () => {
    const server = await model()
    server.script(textReply(['Thanks.']))
    const folder = write('assistant.json', {
      firstMessageMode: 'assistant-waits-for-user',
      model: brain(server, 'Be brief.'),
      keypadInputPlan: { enabled: true, delimiters: '#' },
      startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } },
    })
    const { code: exit } = await vapi(['call', 'local', 'assistant.json', '--in', 'text'], {
      cwd: folder,
      stdin: '/keys 42#\n',
    })
    expect(exit).toBe(0)
    expect(server.requests[0]?.json).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: '42' },
      ],
    })
  })
})
