import { showVapiButton } from './vapi-button';

interface Hook {
  el: HTMLElement;
  takeAway?: () => void;
}

/** The hook of LiveView behind the component `vapi_button`. */
export const VapiButton = {
  mounted(this: Hook) {
    const { publicKey, assistantId } = this.el.dataset;
    this.takeAway = showVapiButton(this.el, { publicKey, assistantId });
  },
  destroyed(this: Hook) {
    this.takeAway?.();
  },
};
