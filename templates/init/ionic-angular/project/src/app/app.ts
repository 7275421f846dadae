import { Component } from '@angular/core';
import { IonApp, IonContent } from '@ionic/angular/standalone';

@Component({
  selector: 'app-root',
  imports: [IonApp, IonContent],
  template: '<ion-app><ion-content>A project of its own.</ion-content></ion-app>',
})
export class App {}
