import { component$, noSerialize, type NoSerialize, useComputed$, useSignal, useVisibleTask$ } from '@builder.io/qwik';
import { CALL_LABELS, type CallState, createVapiCall, IDLE, type VapiCall } from '../lib/vapi-call';
import { vapiConfig } from '../lib/vapi-config';

/** A button that begins and ends a call, with what is said below it. */
export const VapiButton = component$(() => {
  const call = useSignal<NoSerialize<VapiCall>>();
  const state = useSignal<CallState>(IDLE);
  const isRunning = useComputed$(() => ['listening', 'speaking'].includes(state.value.status));

  // A call is in the browser alone, and ends with the component.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(({ cleanup }) => {
    const created = createVapiCall(vapiConfig);
    const unsubscribe = created.subscribe(() => {
      state.value = created.getState();
    });
    call.value = noSerialize(created);
    cleanup(() => {
      unsubscribe();
      created.stop();
    });
  });

  return (
    <section aria-label="Voice assistant">
      <button
        type="button"
        onClick$={() => (isRunning.value ? call.value?.stop() : call.value?.start())}
        disabled={state.value.status === 'connecting'}
        aria-pressed={isRunning.value}
        data-status={state.value.status}
      >
        {CALL_LABELS[state.value.status]}
      </button>
      {state.value.error && <p role="alert">{state.value.error}</p>}
      <ol aria-live="polite" aria-label="Transcript">
        {state.value.transcript.map((line, index) => (
          <li key={index} style={{ opacity: line.final ? 1 : 0.6 }}>
            <strong>{line.role === 'assistant' ? 'Assistant' : 'You'}:</strong> {line.text}
          </li>
        ))}
      </ol>
    </section>
  );
});
