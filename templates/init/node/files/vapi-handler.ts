import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from './vapi-body.js';
import { answerVapi } from './vapi-webhook.js';

/** Answers a server message of Vapi; false where the request is another one. For a server of `node:http`. */
export async function handleVapi(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const path = request.url?.split('?')[0];
  if (request.method !== 'POST' || path !== '/api/vapi/webhook') return false;
  const reply = await answerVapi(request.headers['x-vapi-secret'], await readJson(request));
  response.writeHead(reply.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(reply.body));
  return true;
}
