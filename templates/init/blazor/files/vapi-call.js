const SDK = 'https://cdn.jsdelivr.net/npm/@vapi-ai/web@2.7.1/+esm';

/** A call of the component's: what happens in it is told to the component. */
export async function createCall(component, publicKey) {
  const loaded = await import(SDK);
  const Vapi = loaded.default.default ?? loaded.default;
  const call = new Vapi(publicKey);
  let hasFailed = false;
  const change = (status, error = null) => component.invokeMethodAsync('Change', status, error);
  call.on('call-start', () => change('listening'));
  call.on('speech-start', () => change('speaking'));
  call.on('speech-end', () => change('listening'));
  call.on('call-end', () => hasFailed || change('idle'));
  call.on('error', problem => {
    hasFailed = true;
    change('error', messageOf(problem));
  });
  call.on('message', ({ type, role, transcript, transcriptType }) => {
    if (type !== 'transcript' || !transcript) return;
    const speaker = role === 'assistant' ? 'assistant' : 'user';
    component.invokeMethodAsync('Hear', speaker, transcript, transcriptType === 'final');
  });
  return {
    async start(assistantId) {
      await call.start(assistantId);
    },
    stop() {
      call.removeAllListeners();
      call.stop();
    },
  };
}

function messageOf(problem) {
  if (typeof problem === 'string') return problem;
  const inner = problem?.message ?? problem?.errorMsg ?? problem?.error;
  return inner ? messageOf(inner) : 'The call could not be made.';
}
