import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/program.ts'
import { type ResourceServer, startResourceServer } from '../support/resource-server.ts'
import { startInTerminal, type TerminalRun } from '../support/terminal.ts'

/** One question of a guide: what is seen, and how it is answered. */
type Step = [question: string, answer: (terminal: TerminalRun) => void]

const enter = (terminal: TerminalRun) => terminal.press('enter')
const say = (text: string) => (terminal: TerminalRun) => {
  terminal.type(text)
  terminal.press('enter')
}
/** Replaces what is offered. */
const instead = (text: string) => (terminal: TerminalRun) => {
  terminal.press('ctrl-u')
  terminal.type(text)
  terminal.press('enter')
}

const guides: { command: string[]; prepare?: (api: ResourceServer) => void; steps: Step[]; body: unknown }[] =
  [
    {
      command: ['assistant', 'create'],
      steps: [
        ['begin with', enter],
        ['name', instead('Reception')],
        ['first message', enter],
        ['system prompt', instead('Be kind.')],
        ['provider of the model', enter],
        ['model', enter],
        ['provider of the transcriber', enter],
        ['model of the transcriber', enter],
        ['provider of the voice', enter],
        ['voice', enter],
      ],
      body: {
        name: 'Reception',
        firstMessage: 'Hello! How can I help you?',
        model: {
          provider: 'openai',
          model: 'gpt-4o',
          messages: [{ role: 'system', content: 'Be kind.' }],
        },
        transcriber: { provider: 'deepgram', model: 'nova-3' },
        voice: { provider: 'vapi', voiceId: 'Elliot' },
      },
    },
    {
      command: ['phone', 'create'],
      prepare: api => {
        api.put('/assistant', { name: 'Reception' })
      },
      steps: [
        ['provider', enter],
        ['area code', say('415')],
        ['name', say('Desk')],
        ['assistant', terminal => terminal.press('down', 'enter')],
      ],
      body: {
        provider: 'vapi',
        numberDesiredAreaCode: '415',
        name: 'Desk',
        assistantId: expect.stringMatching(/^8f14/),
      },
    },
    {
      command: ['tool', 'create'],
      steps: [
        ['type', enter],
        ['name by which', say('book_table')],
        ['when the model', say('books a table')],
        ['JSON Schema', say('{"type": "object"}')],
        ['address that carries', say('https://example.com/tools')],
      ],
      body: {
        type: 'function',
        function: { name: 'book_table', description: 'books a table', parameters: { type: 'object' } },
        server: { url: 'https://example.com/tools' },
      },
    },
    {
      command: ['campaign', 'create'],
      prepare: api => {
        api.put('/assistant', { name: 'Survey' })
        api.put('/phone-number', { number: '+12125550100', provider: 'twilio' })
      },
      steps: [
        ['name', say('Spring')],
        ['assistant', enter],
        ['phone number', enter],
        ['CSV file', say('people.csv')],
      ],
      body: {
        name: 'Spring',
        assistantId: expect.stringMatching(/^8f14/),
        phoneNumberId: expect.stringMatching(/^8f14/),
        customers: [{ number: '+12125550101', name: 'Ada' }],
      },
    },
    {
      command: ['credential', 'create', '--provider', 's3'],
      steps: [
        ['id of the access key', say('AKIA')],
        ['secret of the access key', say('hidden-secret')],
        ['region', say('eu-west-1')],
        ['name of the bucket', say('recordings')],
        ['folder in the bucket', say('calls')],
        ['name', say('S3')],
      ],
      body: {
        provider: 's3',
        awsAccessKeyId: 'AKIA',
        awsSecretAccessKey: 'hidden-secret',
        region: 'eu-west-1',
        s3BucketName: 'recordings',
        s3PathPrefix: 'calls',
        name: 'S3',
      },
    },
  ]

async function start(guide: (typeof guides)[number]) {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'people.csv'), 'number,name\n+12125550101,Ada\n')
  const api = await startResourceServer(cwd)
  guide.prepare?.(api)
  return { api, terminal: startInTerminal(guide.command, { cwd, env: api.env }) }
}

describe.each(guides)('vapi $command, guided', guide => {
  it('asks, and sends what was answered', { timeout: 30_000 }, async () => {
    const { api, terminal } = await start(guide)
    for (const [question, answer] of guide.steps) {
      await terminal.waitFor(question)
      answer(terminal)
    }
    expect(await terminal.finished).toMatchObject({ code: 0 })
    expect(api.changes().map(({ body }) => body)).toEqual([guide.body])
    expect(terminal.text()).not.toContain('hidden-secret')
  })

  it('ends with 130 on Ctrl-C at each question, and makes nothing', { timeout: 120_000 }, async () => {
    for (let count = 0; count < guide.steps.length; count++) {
      const { api, terminal } = await start(guide)
      for (const [question, answer] of guide.steps.slice(0, count)) {
        await terminal.waitFor(question)
        answer(terminal)
      }
      await terminal.waitFor(guide.steps[count]?.[0] ?? '')
      terminal.press('ctrl-c')
      expect(await terminal.finished, `at question ${count}`).toMatchObject({ code: 130 })
      expect(api.changes()).toEqual([])
      expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
        terminal.raw().lastIndexOf('\u001b[?25l'),
      )
    }
  })
})

describe('vapi assistant delete, in a terminal', () => {
  async function ask() {
    const cwd = temporaryFolder()
    const api = await startResourceServer(cwd)
    const { id } = api.put('/assistant', { name: 'Reception' })
    const terminal = startInTerminal(['assistant', 'delete', id], { cwd, env: api.env })
    await terminal.waitFor(`Delete assistant Reception (${id})?`)
    return { api, terminal }
  }

  it('deletes on yes', async () => {
    const { api, terminal } = await ask()
    terminal.type('y')
    terminal.press('enter')
    expect(await terminal.finished).toMatchObject({ code: 0 })
    expect(api.rows('/assistant')).toEqual([])
  })

  it.each([
    ['enter', 1],
    ['ctrl-c', 130],
    ['ctrl-d', 130],
  ] as const)('keeps it on %s', async (key, code) => {
    const { api, terminal } = await ask()
    terminal.press(key)
    expect(await terminal.finished).toMatchObject({ code })
    expect(api.rows('/assistant')).toHaveLength(1)
  })
})
