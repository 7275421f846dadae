import { createSignal, For, onCleanup, Show } from 'solid-js';
import { CALL_LABELS, createVapiCall } from '../lib/vapi-call';
import { vapiConfig } from '../lib/vapi-config';

/** A button that begins and ends a call, with what is said below it. */
export function VapiButton() {
  const call = createVapiCall(vapiConfig);
  const [state, setState] = createSignal(call.getState());
  const unsubscribe = call.subscribe(() => setState(call.getState()));
  onCleanup(() => {
    unsubscribe();
    call.stop();
  });

  const isRunning = () => ['listening', 'speaking'].includes(state().status);
  return (
    <section aria-label="Voice assistant">
      <button
        type="button"
        onClick={() => (isRunning() ? call.stop() : call.start())}
        disabled={state().status === 'connecting'}
        aria-pressed={isRunning()}
        data-status={state().status}
      >
        {CALL_LABELS[state().status]}
      </button>
      <Show when={state().error}>{problem => <p role="alert">{problem()}</p>}</Show>
      <ol aria-live="polite" aria-label="Transcript">
        <For each={state().transcript}>
          {line => (
            <li style={{ opacity: line.final ? 1 : 0.6 }}>
              <strong>{line.role === 'assistant' ? 'Assistant' : 'You'}:</strong> {line.text}
            </li>
          )}
        </For>
      </ol>
    </section>
  );
}
