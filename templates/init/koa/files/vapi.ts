import type { Context, Next } from 'koa';
import { readJson } from './vapi-body.js';
import { answerVapi } from './vapi-webhook.js';

/** Where Vapi sends its server messages. It reads the body itself, so its place is before body parsers. */
export async function vapiWebhook(context: Context, next: Next): Promise<void> {
  if (context.method !== 'POST' || context.path !== '/api/vapi/webhook') {
    await next();
    return;
  }
  const reply = await answerVapi(context.req.headers['x-vapi-secret'], await readJson(context.req));
  context.status = reply.status;
  context.body = reply.body;
}
