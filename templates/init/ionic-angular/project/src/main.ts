import { bootstrapApplication } from '@angular/platform-browser';
import { provideIonicAngular } from '@ionic/angular/standalone';
import { App } from './app/app';

void bootstrapApplication(App, { providers: [provideIonicAngular()] });
