import { describe, expect, it } from 'vitest'
import { servers } from './servers.ts'
import { expectContract, expectEveryEvent, expectRefusal } from './webhook-contract.ts'
import { linkPackages, SECRET, startServer, trigger, unanswered, writtenProject } from './written-project.ts'

describe.each(servers)('the webhook of $name', server => {
  const { template, missing, prepare, command, port, path = '/api/vapi/webhook', every = false, env } = server

  async function start(more: NodeJS.ProcessEnv = {}): Promise<string> {
    const { root, report } = await writtenProject(template, prepare === undefined ? {} : { prepare })
    expect(report.byHand).toEqual([])
    if (command[0] === process.execPath) linkPackages(root)
    return (await startServer(root, command, port, { ...env, ...more })) + path
  }

  it.skipIf(missing)(
    `answers the messages of the platform${missing === false ? '' : ` (${missing})`}`,
    async () => {
      const address = await start()
      await expectContract(address)
      await expectLargeReport(address)
      if (every) await expectEveryEvent(address)
      else expect(await unanswered(['tool-calls', 'assistant-request'], address)).toEqual([])
      expect((await trigger('tool-calls', address, 'another')).code).not.toBe(0)
    },
  )

  it.skipIf(missing)('answers nothing where no secret is set', async () => {
    await expectRefusal(await start({ VAPI_WEBHOOK_SECRET: '' }))
  })
})

/** Reports of whole calls are larger than many frameworks take; and no name of the language is a tool. */
async function expectLargeReport(address: string): Promise<void> {
  const toolCallList = [{ id: '1', function: { name: 'constructor', arguments: {} } }]
  const message = { type: 'tool-calls', toolCallList, artifact: 'x'.repeat(300_000) }
  const reply = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vapi-secret': SECRET },
    body: JSON.stringify({ message }),
  })
  expect(await reply.json()).toEqual({
    results: [{ toolCallId: '1', error: 'There is no tool constructor.' }],
  })
}
