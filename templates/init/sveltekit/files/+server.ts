import { env } from '$env/dynamic/private';
import { answerVapi } from '$lib/server/vapi-webhook';
import { json } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

/** Where Vapi sends its server messages. */
export const POST: RequestHandler = async ({ request }) => {
  const body: unknown = await request.json().catch(() => null);
  const reply = await answerVapi(request.headers.get('x-vapi-secret'), body, env);
  return json(reply.body, { status: reply.status });
};
