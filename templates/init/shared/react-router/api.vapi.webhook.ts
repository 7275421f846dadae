import { answerVapi } from '../lib/vapi-webhook.server';

/** Where Vapi sends its server messages. */
export async function action({ request }: { request: Request }): Promise<Response> {
  const body: unknown = await request.json().catch(() => null);
  const reply = await answerVapi(request.headers.get('x-vapi-secret'), body);
  // Not every server has Response.json().
  const headers = { 'content-type': 'application/json' };
  return new Response(JSON.stringify(reply.body), { status: reply.status, headers });
}
