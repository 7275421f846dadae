import { createFileRoute } from '@tanstack/react-router';
import { answerVapi } from '../../../lib/vapi-webhook';

/** Where Vapi sends its server messages. */
export const Route = createFileRoute('/api/vapi/webhook')({
  server: {
    handlers: {
      POST: async ({ request }) => {
        const body: unknown = await request.json().catch(() => null);
        const reply = await answerVapi(request.headers.get('x-vapi-secret'), body);
        return Response.json(reply.body, { status: reply.status });
      },
    },
  },
});
