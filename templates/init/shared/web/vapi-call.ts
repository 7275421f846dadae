import type Vapi from '@vapi-ai/web';

export type CallStatus = 'idle' | 'connecting' | 'listening' | 'speaking' | 'error';

export interface TranscriptLine {
  role: 'assistant' | 'user';
  text: string;
  /** False while the words may still change. */
  final: boolean;
}

export interface CallState {
  status: CallStatus;
  transcript: readonly TranscriptLine[];
  error: string | null;
}

export interface CallOptions {
  /** The public key of your organisation: dashboard.vapi.ai, API keys. */
  publicKey: string | undefined;
  assistantId: string | undefined;
}

/** What the button says in each state. */
export const CALL_LABELS: Record<CallStatus, string> = {
  idle: 'Talk to the assistant',
  connecting: 'Connecting…',
  listening: 'Listening: end the call',
  speaking: 'Speaking: end the call',
  error: 'Try again',
};

export const IDLE: CallState = { status: 'idle', transcript: [], error: null };

/** One call with an assistant, in the browser. It is a store: read its state, subscribe to its changes. */
export function createVapiCall({ publicKey, assistantId }: CallOptions) {
  let state: CallState = IDLE;
  let client: Vapi | null = null;
  const listeners = new Set<() => void>();

  function change(part: Partial<CallState>) {
    state = { ...state, ...part };
    listeners.forEach(listener => listener());
  }

  function hear(message: { type?: string; role?: string; transcript?: string; transcriptType?: string }) {
    if (message.type !== 'transcript' || !message.transcript) return;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = state.transcript[state.transcript.length - 1];
    const before = last && last.role === role && !last.final ? state.transcript.slice(0, -1) : state.transcript;
    const line = { role, text: message.transcript, final: message.transcriptType === 'final' } as const;
    change({ transcript: [...before, line] });
  }

  async function connect(key: string): Promise<Vapi> {
    // Loaded on the first call: it is large, and no server that renders pages can have it.
    const loaded = await import('@vapi-ai/web');
    // Some bundlers hand over the module in place of its default export.
    const inner = loaded.default as unknown as { default?: typeof Vapi };
    const Client = inner.default ?? loaded.default;
    const created = new Client(key);
    created.on('call-start', () => change({ status: 'listening' }));
    created.on('speech-start', () => change({ status: 'speaking' }));
    created.on('speech-end', () => change({ status: 'listening' }));
    created.on('message', hear);
    created.on('call-end', () => {
      if (state.status !== 'error') change({ status: 'idle' });
    });
    created.on('error', (problem: unknown) => change({ status: 'error', error: messageOf(problem) }));
    return created;
  }

  return {
    getState: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async start() {
      if (state.status !== 'idle' && state.status !== 'error') return;
      if (!publicKey || !assistantId) {
        change({ status: 'error', error: 'Set the public key and the assistant id: see .env.example.' });
        return;
      }
      change({ status: 'connecting', transcript: [], error: null });
      try {
        client ??= await connect(publicKey);
        await client.start(assistantId);
      } catch (problem) {
        change({ status: 'error', error: messageOf(problem) });
      }
    },
    stop() {
      client?.stop();
      change({ status: 'idle' });
    },
  };
}

export type VapiCall = ReturnType<typeof createVapiCall>;

function messageOf(problem: unknown): string {
  if (typeof problem === 'string') return problem;
  for (const name of ['message', 'errorMsg', 'error']) {
    const inner: unknown = (problem as Record<string, unknown> | null)?.[name];
    if (inner) return messageOf(inner);
  }
  return 'The call could not be made.';
}
