import { useEffect, useState } from 'preact/hooks';
import { CALL_LABELS, createVapiCall } from '../lib/vapi-call';
import { vapiConfig } from '../lib/vapi-config';

/** A button that begins and ends a call, with what is said below it. */
export function VapiButton() {
  const [call] = useState(() => createVapiCall(vapiConfig));
  const [{ status, transcript, error }, setState] = useState(call.getState);
  useEffect(() => {
    const unsubscribe = call.subscribe(() => setState(call.getState()));
    return () => {
      unsubscribe();
      call.stop();
    };
  }, [call]);

  const isRunning = status === 'listening' || status === 'speaking';
  return (
    <section aria-label="Voice assistant">
      <button
        type="button"
        onClick={isRunning ? call.stop : call.start}
        disabled={status === 'connecting'}
        aria-pressed={isRunning}
        data-status={status}
      >
        {CALL_LABELS[status]}
      </button>
      {error && <p role="alert">{error}</p>}
      <ol aria-live="polite" aria-label="Transcript">
        {transcript.map((line, index) => (
          <li key={index} style={{ opacity: line.final ? 1 : 0.6 }}>
            <strong>{line.role === 'assistant' ? 'Assistant' : 'You'}:</strong> {line.text}
          </li>
        ))}
      </ol>
    </section>
  );
}
