import { Component, inject } from '@angular/core';
import { CALL_LABELS } from './vapi-call';
import { VapiService } from './vapi.service';

/** A button that begins and ends a call, with what is said below it. */
@Component({
  selector: 'app-vapi-button',
  standalone: true,
  template: `
    <section aria-label="Voice assistant">
      <button
        type="button"
        [disabled]="vapi.state().status === 'connecting'"
        [attr.aria-pressed]="vapi.isRunning()"
        [attr.data-status]="vapi.state().status"
        (click)="vapi.isRunning() ? vapi.stop() : vapi.start()"
      >
        {{ labels[vapi.state().status] }}
      </button>
      @if (vapi.state().error; as problem) {
        <p role="alert">{{ problem }}</p>
      }
      <ol aria-live="polite" aria-label="Transcript">
        @for (line of vapi.state().transcript; track $index) {
          <li [style.opacity]="line.final ? 1 : 0.6">
            <strong>{{ line.role === 'assistant' ? 'Assistant' : 'You' }}:</strong> {{ line.text }}
          </li>
        }
      </ol>
    </section>
  `,
})
export class VapiButtonComponent {
  protected readonly vapi = inject(VapiService);
  protected readonly labels = CALL_LABELS;
}
