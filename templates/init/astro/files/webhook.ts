import type { APIRoute } from 'astro';
import { answerVapi } from '../../../lib/vapi-webhook';

export const prerender = false;

/** Where Vapi sends its server messages. */
export const POST: APIRoute = async ({ request }) => {
  const body: unknown = await request.json().catch(() => null);
  const reply = await answerVapi(request.headers.get('x-vapi-secret'), body, {
    VAPI_WEBHOOK_SECRET: import.meta.env.VAPI_WEBHOOK_SECRET,
    VAPI_ASSISTANT_ID: import.meta.env.VAPI_ASSISTANT_ID,
  });
  return Response.json(reply.body, { status: reply.status });
};
