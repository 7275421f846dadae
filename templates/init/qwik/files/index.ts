import type { RequestHandler } from '@builder.io/qwik-city';
import { answerVapi } from '../../../../lib/vapi-webhook';

/** Where Vapi sends its server messages. */
export const onPost: RequestHandler = async ({ request, env, json }) => {
  const body: unknown = await request.json().catch(() => null);
  const reply = await answerVapi(request.headers.get('x-vapi-secret'), body, {
    VAPI_WEBHOOK_SECRET: env.get('VAPI_WEBHOOK_SECRET'),
    VAPI_ASSISTANT_ID: env.get('VAPI_ASSISTANT_ID'),
  });
  json(reply.status, reply.body);
};
