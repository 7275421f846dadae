import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../../src/package-root.ts'
import { rewrite, writtenProject } from './written-project.ts'

/** Languages whose own compilers and checkers are not here: what is done to such a project is held as it was read by people. */
const LANGUAGES = [
  'aspnetcore',
  'blazor',
  'ktor',
  'fiber',
  'flutter',
  'swift',
  'android',
  'axum',
  'actix',
  'phoenix',
]

describe.each(LANGUAGES)('the template %s', template => {
  it('makes of its project what it was found to make', async () => {
    const { report } = await writtenProject(template)
    const { installs, next, warnings } = report
    const files: readonly { path: string; action: string; diff?: string }[] = report.files
    const text = [
      ...files.map(({ path, action, diff }) =>
        action === 'create' ? `create ${path}` : (diff ?? '').trimEnd(),
      ),
      ...installs.map(({ command }) => `$ ${command.join(' ')}`),
      ...next.map(step => `next: ${step}`),
      ...warnings.map(warning => `warning: ${warning}`),
    ]
    await expect(`${text.join('\n')}\n`).toMatchFileSnapshot(
      packageFile('test', 'init', 'templates', 'golden', `${template}.txt`),
    )
  })
})

it('Blazor without a server gets the button alone', async () => {
  const { report } = await writtenProject('blazor', {
    prepare: root => {
      rewrite(root, 'Demo.csproj', text =>
        text.replace('Microsoft.NET.Sdk.Web', 'Microsoft.NET.Sdk.BlazorWebAssembly'),
      )
      writeFileSync(join(root, 'Program.cs'), 'var builder = WebAssemblyHostBuilder.CreateDefault(args);\n')
    },
  })
  expect(report).toMatchObject({ framework: 'blazor', variant: 'webassembly', byHand: [], installs: [] })
  expect(report.files.map(({ path }) => path)).toEqual(['VapiButton.razor', 'wwwroot/vapi-call.js'])
})
