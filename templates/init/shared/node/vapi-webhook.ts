import { createHash, timingSafeEqual } from 'node:crypto';
import { chooseAssistant, tools, type ToolArguments } from './vapi-tools.js';

export interface VapiReply {
  status: number;
  body: Record<string, unknown>;
}

interface ToolCall {
  id: string;
  function: { name: string; arguments: ToolArguments | string };
}

interface ServerMessage {
  type: string;
  toolCallList?: ToolCall[];
  endedReason?: string;
}

/**
 * Answers a message of Vapi to this server. `secret` is the request's header `x-vapi-secret`, `body` its JSON, parsed.
 * `environment` holds VAPI_WEBHOOK_SECRET and, if one answers inbound calls, VAPI_ASSISTANT_ID.
 * All messages: https://docs.vapi.ai/server-url/events
 */
export async function answerVapi(
  secret: unknown,
  body: unknown,
  environment: Record<string, string | undefined> = process.env,
): Promise<VapiReply> {
  const expected = environment.VAPI_WEBHOOK_SECRET;
  if (!expected) {
    console.error('Vapi webhook: VAPI_WEBHOOK_SECRET is not set, so nothing is answered.');
    return { status: 500, body: { error: 'The secret of this webhook is not set.' } };
  }
  if (!isSame(secret, expected)) {
    return { status: 401, body: { error: 'The secret is wrong.' } };
  }
  const message = (body as { message?: ServerMessage } | null | undefined)?.message;
  if (typeof message?.type !== 'string') {
    return { status: 400, body: { error: 'This is no message of Vapi.' } };
  }

  switch (message.type) {
    case 'tool-calls': {
      const results = await Promise.all((message.toolCallList ?? []).map(runTool));
      return { status: 200, body: { results } };
    }
    case 'assistant-request':
      return { status: 200, body: chooseAssistant(environment.VAPI_ASSISTANT_ID) };
    case 'transfer-destination-request':
    case 'handoff-destination-request':
      return { status: 200, body: { error: 'There is nobody to hand the call over to.' } };
    case 'knowledge-base-request':
      return { status: 200, body: { documents: [] } };
    case 'end-of-call-report':
      console.log(`Vapi call ended: ${message.endedReason}`);
      return { status: 200, body: {} };
    default:
      // status-update, transcript, speech-update … need no answer.
      return { status: 200, body: {} };
  }
}

/** The reply to one tool call. It is always a reply: without one the assistant would wait. */
async function runTool({ id, function: called }: ToolCall) {
  try {
    const isKnown = Object.prototype.hasOwnProperty.call(tools, called.name);
    const tool = isKnown ? tools[called.name] : undefined;
    if (!tool) throw new Error(`There is no tool ${called.name}.`);
    const values: ToolArguments =
      typeof called.arguments === 'string' ? JSON.parse(called.arguments) : called.arguments;
    const result = await tool(values ?? {});
    return { toolCallId: id, result: typeof result === 'string' ? result : JSON.stringify(result ?? null) };
  } catch (problem) {
    const text = problem instanceof Error ? problem.message : String(problem);
    return { toolCallId: id, error: text.replace(/\s+/g, ' ') };
  }
}

/** Compares in a time that tells nothing about the secret, not even its length. */
function isSame(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
