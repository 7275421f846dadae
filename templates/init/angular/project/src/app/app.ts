import { Component } from '@angular/core';

@Component({ selector: 'app-root', template: '<main>A project of its own.</main>' })
export class App {}
