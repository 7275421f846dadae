// What scripts/test-frameworks.mjs proves. `make`: the framework's own generator; `copy`: the small project of a template, where no
// generator works without GitHub; `show`: a page with the button, so that the build takes it in; `set: 'small'` is what CI runs.
import { frontEndCases } from './front-ends.mjs'
import { build, npx, reactPage, vite, vuePage } from './make.mjs'
import { servers } from './servers.mjs'

const next = (flags, more) => ({
  framework: 'nextjs',
  make: name =>
    [npx('create-next-app@16', name, ...flags, '--empty', '--no-linter', '--no-tailwind')].map(command => [
      ...command,
      '--no-react-compiler',
      '--use-npm',
      '--disable-git',
      '--yes',
      '--skip-install',
    ]),
  proof: [build],
  ...more,
})

const sveltePage = (from, language) =>
  `<script${language === undefined ? '' : ` lang="${language}"`}>
  import VapiButton from '${from}';
</script>

<VapiButton />
`

const sv = (name, types) => [
  ...npx('sv@0.17', 'create', name, '--template', 'minimal', '--types', types),
  ...['--no-add-ons', '--no-install'],
]

export const cases = [
  vite('react-ts', {
    id: 'react-vite-ts',
    framework: 'react',
    set: 'small',
    show: { 'src/App.tsx': reactPage('./components/VapiButton') },
  }),
  vite('react', {
    id: 'react-vite-js',
    framework: 'react',
    show: { 'src/App.jsx': reactPage('./components/VapiButton') },
  }),
  {
    id: 'react-cra',
    framework: 'react',
    make: name => [npx('create-react-app@5', name)],
    install: [],
    show: { 'src/App.js': reactPage('./components/VapiButton') },
    proof: [build],
  },
  {
    id: 'react-webpack',
    framework: 'react',
    files: {
      'package.json': JSON.stringify({
        name: 'react-webpack',
        private: true,
        scripts: { build: 'tsc --noEmit && webpack --mode production' },
        dependencies: { react: '^19.2.0', 'react-dom': '^19.2.0' },
        devDependencies: {
          '@types/react': '^19.2.0',
          '@types/react-dom': '^19.2.0',
          'html-webpack-plugin': '^5.6.0',
          'ts-loader': '^9.5.0',
          typescript: '^5.9.0',
          webpack: '^5.100.0',
          'webpack-cli': '^6.0.0',
        },
      }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          module: 'esnext',
          moduleResolution: 'bundler',
          jsx: 'react-jsx',
          strict: true,
          skipLibCheck: true,
        },
        include: ['src'],
      }),
      'webpack.config.js': `const HtmlPlugin = require('html-webpack-plugin');

module.exports = {
  entry: './src/index.tsx',
  resolve: { extensions: ['.tsx', '.ts', '.js'] },
  module: { rules: [{ test: /\\.tsx?$/, use: 'ts-loader' }] },
  plugins: [
    new HtmlPlugin(),
  ],
};
`,
      'src/index.tsx': `import { createRoot } from 'react-dom/client';
import App from './App';

createRoot(document.body).render(<App />);
`,
      'src/App.tsx': 'export default function App() {\n  return null;\n}\n',
    },
    show: { 'src/App.tsx': reactPage('./components/VapiButton') },
    proof: [build],
  },
  next(['--ts', '--app', '--src-dir'], {
    id: 'next-app-ts',
    set: 'small',
    show: { 'src/app/page.tsx': reactPage('../components/VapiButton', 'Page') },
  }),
  next(['--js', '--app', '--no-src-dir'], {
    id: 'next-app-js',
    show: { 'app/page.js': reactPage('../components/VapiButton', 'Page') },
  }),
  next(['--ts', '--no-app', '--src-dir'], {
    id: 'next-pages-ts',
    show: { 'src/pages/index.tsx': reactPage('../components/VapiButton', 'Page') },
  }),
  next(['--js', '--no-app', '--no-src-dir'], {
    id: 'next-pages-js',
    set: 'small',
    show: { 'pages/index.js': reactPage('../components/VapiButton', 'Page') },
  }),
  {
    id: 'next-14',
    framework: 'nextjs',
    make: name => [
      [
        ...npx('create-next-app@14', name, '--ts', '--app', '--no-src-dir', '--no-eslint', '--no-tailwind'),
        ...['--import-alias', '@/*', '--use-npm', '--skip-install'],
      ],
    ],
    show: {
      'app/page.tsx': reactPage('../components/VapiButton', 'Page'),
      // The generated one fetches fonts from the web while it builds.
      'app/layout.tsx': `import type { ReactNode } from 'react';

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
    },
    proof: [build],
  },
  vite('vue-ts', {
    id: 'vue-vite-ts',
    framework: 'vue',
    set: 'small',
    show: { 'src/App.vue': vuePage('./components/VapiButton.vue', 'ts') },
  }),
  vite('vue', {
    id: 'vue-vite-js',
    framework: 'vue',
    show: { 'src/App.vue': vuePage('./components/VapiButton.vue') },
  }),
  {
    id: 'vue-official',
    framework: 'vue',
    make: name => [npx('create-vue@3.18', name, '--ts', '--router', '--force')],
    show: { 'src/App.vue': vuePage('./components/VapiButton.vue', 'ts') },
    proof: [build],
  },
  {
    id: 'nuxt-4',
    framework: 'nuxt',
    set: 'small',
    copy: 'nuxt',
    show: { 'app/app.vue': '<template>\n  <VapiButton />\n</template>\n' },
    proof: [
      ['npx', 'nuxi', 'build'],
      ['npx', 'nuxi', 'typecheck'],
    ],
  },
  vite('svelte-ts', {
    id: 'svelte-vite-ts',
    framework: 'svelte',
    set: 'small',
    show: { 'src/App.svelte': sveltePage('./lib/VapiButton.svelte', 'ts') },
    proof: [build, ['npm', 'run', 'check']],
  }),
  vite('svelte', {
    id: 'svelte-vite-js',
    framework: 'svelte',
    show: { 'src/App.svelte': sveltePage('./lib/VapiButton.svelte') },
  }),
  {
    id: 'sveltekit-ts',
    framework: 'sveltekit',
    set: 'small',
    make: name => [sv(name, 'ts')],
    show: { 'src/routes/+page.svelte': sveltePage('$lib/VapiButton.svelte', 'ts') },
    proof: [build, ['npm', 'run', 'check']],
  },
  {
    id: 'sveltekit-js',
    framework: 'sveltekit',
    make: name => [sv(name, 'jsdoc')],
    show: { 'src/routes/+page.svelte': sveltePage('$lib/VapiButton.svelte') },
    proof: [build],
  },
  ...[
    { major: '21.2.27', id: 'angular-21', file: 'app.ts', name: 'App', set: 'small' },
    { major: '19', id: 'angular-19', file: 'app.component.ts', name: 'AppComponent' },
  ].map(({ major, id, file, name, set }) => ({
    id,
    framework: 'angular',
    set,
    make: folder => [
      [
        ...npx(`@angular/cli@${major}`, 'new', folder, '--defaults', '--style', 'css', '--ssr', 'false'),
        ...['--skip-git', '--skip-install', '--package-manager', 'npm'],
      ],
    ],
    show: {
      [`src/app/${file}`]: `import { Component } from '@angular/core';
import { VapiButtonComponent } from './vapi/vapi-button.component';

@Component({ selector: 'app-root', imports: [VapiButtonComponent], template: '<app-vapi-button />' })
export class ${name} {}
`,
    },
    proof: [build],
  })),
  {
    id: 'astro-5',
    framework: 'astro',
    copy: 'astro',
    show: {
      'src/pages/index.astro':
        '---\nimport VapiButton from \'../components/VapiButton.astro\';\n---\n\n<html lang="en"><body><VapiButton /></body></html>\n',
    },
    proof: [
      ['npx', 'astro', 'build'],
      ['npx', 'astro', 'check'],
    ],
  },
  {
    id: 'react-router-7',
    framework: 'react-router',
    copy: 'react-router',
    show: { 'app/routes/home.tsx': reactPage('../components/VapiButton', 'Home') },
    proof: [build, ['npm', 'run', 'typecheck']],
  },
  ...['vanilla-ts', 'vanilla'].map(template =>
    vite(template, {
      id: template === 'vanilla' ? 'vanilla-vite-js' : 'vanilla-vite-ts',
      framework: 'vanilla',
      show: {
        [`src/main.${template === 'vanilla' ? 'js' : 'ts'}`]: `import { showVapiButton } from './vapi/vapi-button';
import { vapiConfig } from './vapi/vapi-config';

showVapiButton(document.body, vapiConfig);
`,
      },
    }),
  ),
  ...frontEndCases,
  ...servers,
]
