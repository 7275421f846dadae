import { answerVapi } from '../../../../lib/vapi-webhook';

/** Where Vapi sends its server messages. */
export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => null);
  const reply = await answerVapi(request.headers.get('x-vapi-secret'), body);
  return Response.json(reply.body, { status: reply.status });
}
