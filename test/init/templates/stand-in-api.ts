import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'

/** Where an example creates its assistant and its call, in the place of the platform. */
export async function standInApi() {
  const requests: { path: string | undefined; authorization: string | undefined; body: unknown }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', piece => {
      text += piece
    })
    request.on('end', () => {
      const { url, headers } = request
      requests.push({ path: url, authorization: headers.authorization, body: JSON.parse(text) })
      response.writeHead(201, { 'content-type': 'application/json' })
      const id = url === '/assistant' ? 'the-assistant' : 'the-call'
      response.end(JSON.stringify({ ...JSON.parse(text), id, orgId: 'the-organisation' }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    environment: {
      VAPI_API_KEY: 'the key',
      VAPI_PHONE_NUMBER_ID: 'the-number',
      VAPI_CUSTOMER_NUMBER: '+15551234567',
    },
    expectCall() {
      expect(requests).toEqual([
        {
          path: '/assistant',
          authorization: 'Bearer the key',
          body: {
            name: 'Reception',
            firstMessage: 'Hello, this is a call from your own program.',
            model: {
              provider: 'openai',
              model: 'gpt-4o-mini',
              messages: [{ role: 'system', content: 'You book appointments. Be brief.' }],
            },
            voice: { provider: 'vapi', voiceId: 'Elliot' },
          },
        },
        {
          path: '/call',
          authorization: 'Bearer the key',
          body: {
            assistantId: 'the-assistant',
            phoneNumberId: 'the-number',
            customer: { number: '+15551234567' },
          },
        },
      ])
    },
  }
}
