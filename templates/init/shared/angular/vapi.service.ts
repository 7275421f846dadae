import { Injectable, type OnDestroy, computed, signal } from '@angular/core';
import { vapiEnvironment } from '../../environments/vapi.environment';
import { createVapiCall } from './vapi-call';

/** The call with the assistant, as signals. */
@Injectable({ providedIn: 'root' })
export class VapiService implements OnDestroy {
  private readonly call = createVapiCall(vapiEnvironment);
  private readonly current = signal(this.call.getState());
  private readonly unsubscribe = this.call.subscribe(() => this.current.set(this.call.getState()));

  readonly state = this.current.asReadonly();
  readonly isRunning = computed(() => ['listening', 'speaking'].includes(this.current().status));

  start(): void {
    void this.call.start();
  }

  stop(): void {
    this.call.stop();
  }

  ngOnDestroy(): void {
    this.unsubscribe();
    this.call.stop();
  }
}
