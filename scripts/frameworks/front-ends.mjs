// Front ends and mobile applications: see cases.mjs.
import { build, npx, reactPage, vite, vuePage } from './make.mjs'

const own = (name, ...rest) => [process.execPath, new URL(name, import.meta.url).pathname, ...rest]
const answers = (...command) => own('check-webhook.mjs', '--page', '/api/vapi/webhook', ...command)
/** The built page in Chromium. */
const shown = own('check-page.mjs', 'npx', 'vite', 'preview', '--port', '$PORT')

/** A component by its name, as Vite's template of Preact has it. */
const namedPage = (from, name) => reactPage(from, name).replace('export default', 'export')

const mobile = (proof, page, more) => ({
  show: page,
  ...more,
  proof: [['npx', 'tsc', '--noEmit'], ...proof],
})

export const frontEndCases = [
  vite('preact-ts', {
    id: 'preact-vite-ts',
    proof: [build, shown],
    framework: 'preact',
    show: { 'src/app.tsx': namedPage('./components/VapiButton', 'App') },
  }),
  vite('preact', {
    id: 'preact-vite-js',
    framework: 'preact',
    show: { 'src/app.jsx': namedPage('./components/VapiButton', 'App') },
  }),
  vite('solid-ts', {
    id: 'solid-vite-ts',
    proof: [build, shown],
    framework: 'solid',
    show: { 'src/App.tsx': reactPage('./components/VapiButton') },
  }),
  vite('solid', {
    id: 'solid-vite-js',
    framework: 'solid',
    show: { 'src/App.jsx': reactPage('./components/VapiButton') },
  }),
  {
    id: 'solidstart-1',
    framework: 'solidstart',
    copy: 'solidstart',
    show: { 'src/routes/index.tsx': reactPage('../components/VapiButton', 'Home') },
    proof: [build, ['npx', 'tsc'], answers('node', '.output/server/index.mjs')],
  },
  {
    id: 'remix-2',
    framework: 'remix',
    copy: 'remix',
    show: { 'app/routes/_index.tsx': reactPage('../components/VapiButton', 'Index') },
    proof: [build, ['npx', 'tsc'], answers('npx', 'remix-serve', 'build/server/index.js')],
  },
  {
    id: 'gatsby-5',
    framework: 'gatsby',
    copy: 'gatsby',
    // One of its packages fetches a program from the web when it is installed.
    install: [['npm', 'install', '--ignore-scripts']],
    show: { 'src/pages/index.tsx': reactPage('../components/VapiButton', 'Index') },
    // A build ends at sharp, which draws pictures and fetches its program from the web: the development server needs none.
    proof: [
      ['npx', 'tsc', '--noEmit'],
      ['rm', '-rf', 'node_modules/sharp'],
      own('check-webhook.mjs', '/api/vapi/webhook', 'npx', 'gatsby', 'develop', '--port', '$PORT'),
    ],
  },
  {
    id: 'qwik-city',
    framework: 'qwik',
    make: name => [npx('create-qwik@1', 'empty', name)],
    show: {
      'src/routes/index.tsx': `import { component$ } from '@builder.io/qwik';
import { VapiButton } from '../components/VapiButton';

export default component$(() => <VapiButton />);
`,
    },
    proof: [['npm', 'run', 'build.types'], build, answers('npx', 'vite', '--mode', 'ssr', '--port', '$PORT')],
  },
  {
    id: 'tanstack-start',
    framework: 'tanstack-start',
    make: name => [
      [
        ...npx('@tanstack/create-start@0.59', name, '--no-git', '--package-manager', 'npm'),
        ...['--no-install', '--no-examples'],
      ],
    ],
    show: {
      'src/routes/index.tsx': `import { createFileRoute } from '@tanstack/react-router';
import { VapiButton } from '../components/VapiButton';

export const Route = createFileRoute('/')({ component: VapiButton });
`,
    },
    proof: [build, ['npx', 'tsc', '--noEmit'], answers('node', '.output/server/index.mjs')],
  },
  {
    id: 'ionic-react',
    framework: 'ionic-react',
    copy: 'ionic-react',
    show: {
      'src/App.tsx': `import { IonApp, IonContent, IonPage, setupIonicReact } from '@ionic/react';
import { VapiButton } from './components/VapiButton';

setupIonicReact();

export default function App() {
  return (
    <IonApp>
      <IonPage>
        <IonContent>
          <VapiButton />
        </IonContent>
      </IonPage>
    </IonApp>
  );
}
`,
    },
    proof: [build, shown],
  },
  {
    id: 'ionic-vue',
    framework: 'ionic-vue',
    copy: 'ionic-vue',
    show: { 'src/HomePage.vue': vuePage('./components/VapiButton.vue', 'ts') },
    proof: [build, shown],
  },
  {
    id: 'ionic-angular-8',
    framework: 'ionic-angular',
    copy: 'ionic-angular',
    show: {
      'src/app/app.ts': `import { Component } from '@angular/core';
import { IonApp, IonContent } from '@ionic/angular/standalone';
import { VapiButtonComponent } from './vapi/vapi-button.component';

@Component({
  selector: 'app-root',
  imports: [IonApp, IonContent, VapiButtonComponent],
  template: '<ion-app><ion-content><app-vapi-button /></ion-content></ion-app>',
})
export class App {}
`,
    },
    proof: [
      build,
      own(
        'check-page.mjs',
        'npx',
        'vite',
        'preview',
        '--outDir',
        'dist/angular-project/browser',
        '--port',
        '$PORT',
      ),
    ],
  },
  mobile(
    [
      ['npx', 'expo', 'export', '--platform', 'android', '--output-dir', 'out'],
      // The permissions are where Android and iOS look for them.
      ['npx', 'expo', 'prebuild', '--no-install'],
      ['grep', '-q', 'android.permission.RECORD_AUDIO', 'android/app/src/main/AndroidManifest.xml'],
      ['grep', '-rq', 'You talk to the assistant.', 'ios', '--include=Info.plist'],
    ],
    { 'App.tsx': reactPage('./components/VapiButton') },
    {
      id: 'expo-54',
      framework: 'expo',
      make: name => [
        [
          ...npx('create-expo-app@5', name, '--template', 'expo-template-blank-typescript@54.0.48'),
          ...['--yes', '--no-install'],
        ],
      ],
    },
  ),
  mobile(
    [
      [
        ...['npx', 'react-native', 'bundle', '--platform', 'android', '--dev', 'false'],
        ...['--entry-file', 'index.js', '--bundle-output', 'out.js'],
      ],
      ['grep', '-q', 'android.permission.RECORD_AUDIO', 'android/app/src/main/AndroidManifest.xml'],
    ],
    { 'App.tsx': reactPage('./components/VapiButton') },
    {
      id: 'react-native-0-86',
      framework: 'react-native',
      set: 'small',
      make: name => [
        [
          ...npx(
            '@react-native-community/cli@20',
            'init',
            'Proof',
            '--version',
            '0.86.3',
            '--directory',
            name,
          ),
          ...['--skip-install', '--skip-git-init', '--pm', 'npm', '--install-pods', 'false'],
        ],
      ],
    },
  ),
  {
    id: 'vanilla-html',
    framework: 'vanilla',
    files: {
      'index.html': '<!doctype html>\n<html lang="en">\n  <body>\n    <h1>Page</h1>\n  </body>\n</html>\n',
    },
    install: [],
    // The script is taken from the package that unpkg.com serves it out of.
    proof: [own('check-widget.mjs')],
  },
]
