import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'
import { SECRET, writtenProject } from './written-project.ts'

type Handler = (request: Request) => Promise<Response>

/** What frameworks have in the place of these modules. */
const STAND_INS: Readonly<Record<string, string>> = {
  '$env/dynamic/private': `export const env = { VAPI_WEBHOOK_SECRET: ${JSON.stringify(SECRET)} }`,
  '@tanstack/react-router': 'export const createFileRoute = () => options => ({ options })',
  '@sveltejs/kit': 'export const json = (body, init) => Response.json(body, init)',
}

/** Loads a written route as the framework's bundler would. */
async function load(root: string, path: string): Promise<Record<string, unknown>> {
  const bundle = await rolldown({
    cwd: root,
    input: join(root, path),
    platform: 'node',
    tsconfig: false,
    logLevel: 'silent',
    resolve: { alias: { $lib: join(root, 'src/lib') } },
    transform: {
      define: {
        'import.meta.env.VAPI_WEBHOOK_SECRET': JSON.stringify(SECRET),
        'import.meta.env.VAPI_ASSISTANT_ID': '""',
      },
    },
    plugins: [
      {
        name: 'stand-ins',
        resolveId: id => (id in STAND_INS ? `\0${id}` : null),
        load: id => STAND_INS[id.slice(1)] ?? null,
      },
    ],
  })
  const file = join(root, 'handler.mjs')
  await bundle.write({ file, format: 'esm' })
  await bundle.close()
  return import(file)
}

const toPages = (root: string) => {
  rmSync(join(root, 'app'), { recursive: true })
  mkdirSync(join(root, 'pages'))
  writeFileSync(join(root, 'pages/index.tsx'), 'export default function Page() {\n  return null;\n}\n')
}

/** A handler of Next's Pages Router, called as Next calls it. */
function ofPages(handler: (request: object, response: object) => Promise<void>): Handler {
  return async request => {
    const reply = { status: 200, body: null as unknown }
    const response = {
      status(code: number) {
        reply.status = code
        return response
      },
      setHeader: () => response,
      json(body: unknown) {
        reply.body = body
      },
    }
    const body = await request.json().catch(() => undefined)
    await handler({ method: request.method, headers: Object.fromEntries(request.headers), body }, response)
    return Response.json(reply.body, { status: reply.status })
  }
}

/** What Qwik City hands to a route. */
function ofQwik(handler: (event: object) => Promise<void>): Handler {
  return async request => {
    let reply = new Response(null, { status: 404 })
    const json = (status: number, body: unknown) => {
      reply = Response.json(body, { status })
    }
    await handler({ request, env: { get: (name: string) => process.env[name] }, json })
    return reply
  }
}

const ofEvent = (handler: unknown): Handler => {
  const answer = handler as (event: object) => Promise<Response>
  return request => answer({ request })
}

const cases: {
  name: string
  template: string
  route: string
  prepare?: (root: string) => void
  of(module: Record<string, unknown>): Handler
}[] = [
  {
    name: 'Next.js, App Router',
    template: 'nextjs',
    route: 'app/api/vapi/webhook/route.ts',
    of: module => module.POST as Handler,
  },
  {
    name: 'Next.js, Pages Router',
    template: 'nextjs',
    route: 'pages/api/vapi/webhook.ts',
    prepare: toPages,
    of: module => ofPages(module.default as never),
  },
  {
    name: 'SvelteKit',
    template: 'sveltekit',
    route: 'src/routes/api/vapi/webhook/+server.ts',
    of: module => request => (module.POST as (event: object) => Promise<Response>)({ request }),
  },
  {
    name: 'Astro',
    template: 'astro',
    route: 'src/pages/api/vapi/webhook.ts',
    of: module => request => (module.POST as (event: object) => Promise<Response>)({ request }),
  },
  {
    name: 'React Router',
    template: 'react-router',
    route: 'app/routes/api.vapi.webhook.ts',
    of: module => request => (module.action as (event: object) => Promise<Response>)({ request }),
  },
  {
    name: 'Remix',
    template: 'remix',
    route: 'app/routes/api.vapi.webhook.ts',
    of: module => ofEvent(module.action),
  },
  {
    name: 'SolidStart',
    template: 'solidstart',
    route: 'src/routes/api/vapi/webhook.ts',
    of: module => ofEvent(module.POST),
  },
  {
    name: 'Qwik City',
    template: 'qwik',
    route: 'src/routes/api/vapi/webhook/index.ts',
    of: module => ofQwik(module.onPost as never),
  },
  {
    name: 'TanStack Start',
    template: 'tanstack-start',
    route: 'src/routes/api/vapi/webhook.ts',
    of: ({ Route }) => ofEvent((Route as TanStackRoute).options.server.handlers.POST),
  },
  {
    name: 'Gatsby',
    template: 'gatsby',
    route: 'src/api/vapi/webhook.ts',
    of: module => ofPages(module.default as never),
  },
]

interface TanStackRoute {
  options: { server: { handlers: { POST: unknown } } }
}

describe.each(cases)('the webhook of $name', ({ template, route, prepare, of }) => {
  it('answers tool calls, and refuses a wrong secret and what is no message', async () => {
    const { root } = await writtenProject(template, prepare === undefined ? {} : { prepare })
    process.env.VAPI_WEBHOOK_SECRET = SECRET
    try {
      const handler = of(await load(root, route))
      const send = (body: string, secret: string) =>
        handler(
          new Request('http://localhost/api/vapi/webhook', {
            method: 'POST',
            headers: { 'x-vapi-secret': secret },
            body,
          }),
        )
      const call = { id: '1', function: { name: 'bookAppointment', arguments: { day: 'Monday', time: '8' } } }
      const message = JSON.stringify({ message: { type: 'tool-calls', toolCallList: [call] } })
      const reply = await send(message, SECRET)
      expect([reply.status, await reply.json()]).toEqual([
        200,
        { results: [{ toolCallId: '1', result: 'Booked for Monday at 8.' }] },
      ])
      expect((await send(message, 'another')).status).toBe(401)
      expect((await send('no JSON', SECRET)).status).toBe(400)
    } finally {
      delete process.env.VAPI_WEBHOOK_SECRET
    }
  })
})
