// How generators are called, and pages with the button in the languages of pages.

export const npx = (...words) => ['npx', '-y', ...words]
export const build = ['npm', 'run', 'build']

export const vite = (template, more) => ({
  make: name => [npx('create-vite@9', name, '--template', template, '--no-interactive')],
  proof: [build],
  ...more,
})

/** Of React, and of what writes components as it does. */
export const reactPage = (from, name = 'App') =>
  `import { VapiButton } from '${from}';\n\nexport default function ${name}() {\n  return <VapiButton />;\n}\n`

export const vuePage = (from, language) =>
  `<script setup${language === undefined ? '' : ` lang="${language}"`}>
import VapiButton from '${from}';
</script>

<template>
  <VapiButton />
</template>
`
