import { CALL_LABELS, createVapiCall, type CallOptions } from './vapi-call';

/** Puts a button that begins and ends a call into an element, with what is said below it. Returns what takes it away again. */
export function showVapiButton(place: Element, options: CallOptions): () => void {
  const call = createVapiCall(options);
  const section = element('section', { 'aria-label': 'Voice assistant' });
  const button = element('button', { type: 'button' });
  const problem = element('p', { role: 'alert' });
  const transcript = element('ol', { 'aria-live': 'polite', 'aria-label': 'Transcript' });
  section.append(button, problem, transcript);
  place.append(section);

  const isRunning = () => ['listening', 'speaking'].includes(call.getState().status);
  button.addEventListener('click', () => {
    if (isRunning()) call.stop();
    else void call.start();
  });

  function draw() {
    const { status, error, transcript: lines } = call.getState();
    button.textContent = CALL_LABELS[status];
    button.dataset.status = status;
    button.setAttribute('aria-pressed', String(isRunning()));
    button.toggleAttribute('disabled', status === 'connecting');
    problem.textContent = error;
    problem.hidden = error === null;
    transcript.replaceChildren(
      ...lines.map(({ role, text, final }) => {
        const line = element('li', {});
        line.textContent = `${role === 'assistant' ? 'Assistant' : 'You'}: ${text}`;
        line.style.opacity = final ? '1' : '0.6';
        return line;
      }),
    );
  }
  draw();
  const unsubscribe = call.subscribe(draw);
  return () => {
    unsubscribe();
    call.stop();
    section.remove();
  };
}

function element(name: string, attributes: Record<string, string>): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
