import { Hono } from 'hono';
import { env } from 'hono/adapter';
import { answerVapi } from './vapi-webhook.js';

/** Where Vapi sends its server messages. */
export const vapi = new Hono();

vapi.post('/webhook', async context => {
  const body: unknown = await context.req.json().catch(() => null);
  const environment = env<Record<string, string | undefined>>(context);
  const reply = await answerVapi(context.req.header('x-vapi-secret'), body, environment);
  return Response.json(reply.body, { status: reply.status });
});
