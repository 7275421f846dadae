import { joined, type Project } from '../project.ts'
import type { Layout, Marker } from '../types.ts'
import { valid } from './facts/port.ts'
import { withoutBlocks } from './facts/text.ts'
import { type Framework, marker, when } from './row.ts'

interface DotnetProject {
  file: string
  sdk: string
  text: string
}

/** The project files of this folder that are no tests, and the SDK that each names. */
function projectFiles(project: Project): readonly DotnetProject[] {
  return project
    .files('', /\.csproj$/i)
    .slice(0, 20)
    .flatMap(file => {
      const text = withoutBlocks(project.text(file) ?? '', '<!--', '-->')
      const tests =
        /\.(Unit|Integration|Functional|E2E)?Tests?\.csproj$/i.test(file) ||
        /Microsoft\.NET\.Test\.Sdk|<IsTestProject>\s*true/i.test(text)
      const sdk =
        /<Project\b[^<>]{0,500}\bSdk\s*=\s*["']([\w./]{1,100})["']|<Sdk\s+Name\s*=\s*["']([\w./]{1,100})["']/i.exec(
          text,
        )
      return tests ? [] : [{ file, sdk: sdk?.[1] ?? sdk?.[2] ?? '', text }]
    })
}

const SERVER_RENDERING =
  /\bAdd(?:RazorComponents|ServerSideBlazor|InteractiveServerComponents)\s*\(|\bMapBlazorHub\s*\(/

/** Blazor's variant where the project is one, with the file that says so. */
function blazorOf(
  project: Project,
): { file: string; what: string; variant: 'webassembly' | 'server' } | null {
  const projects = project.fact(projectFiles)
  const assembly = projects.find(({ sdk }) => /BlazorWebAssembly/i.test(sdk))
  if (assembly !== undefined)
    return { file: assembly.file, what: `Sdk ${assembly.sdk}`, variant: 'webassembly' }
  if (!projects.some(({ sdk }) => /\.Sdk\.Web$/i.test(sdk))) return null
  const start = ['Program.cs', 'Startup.cs'].find(path => SERVER_RENDERING.test(project.text(path) ?? ''))
  if (start !== undefined) return { file: start, what: 'adds Blazor', variant: 'server' }
  const page = project.first('App.razor', 'Components/App.razor')
  return page === null ? null : { file: page, what: 'is there', variant: 'server' }
}

/** The first address of the profiles that is plain HTTP. */
function launchPort(project: Project): number {
  const text = project.text('Properties/launchSettings.json') ?? ''
  return valid(/\bhttp:\/\/[^:"/;]{1,200}:(\d{2,5})/.exec(text)?.[1]) ?? 5000
}

function dotnetLayout(project: Project): Partial<Layout> {
  const projects = project.fact(projectFiles)
  const chosen = projects.find(({ sdk }) => /Web|Blazor/i.test(sdk)) ?? projects[0]
  const name = chosen?.file.replace(/\.csproj$/i, '') ?? null
  const namespace = /<RootNamespace>\s*([\w.]{1,200})\s*</i.exec(chosen?.text ?? '')?.[1]
  const framework = /<TargetFrameworks?>\s*net(\d+)\./i.exec(chosen?.text ?? '')?.[1]
  const entry = project.first('Program.cs')
  return {
    source: '',
    entry,
    extension: 'cs',
    major: framework === undefined ? null : Number(framework),
    manifest: chosen?.file ?? null,
    registerIn: entry,
    port: launchPort(project),
    projectFile: chosen?.file ?? null,
    namespace: namespace ?? name?.replaceAll(/[^\w.]/g, '_') ?? null,
  }
}

function sdkMarkers(project: Project, pattern: RegExp): Marker[] {
  const found = project.fact(projectFiles).find(({ sdk }) => pattern.test(sdk))
  return found === undefined ? [] : [marker(found.file, `Sdk ${found.sdk}`, 'certain')]
}

const aspnetcore: Framework = {
  id: 'aspnetcore',
  label: 'ASP.NET Core',
  family: 'platform',
  kind: 'back-end',
  language: 'csharp',
  port: 5000,
  beats: ['dotnet'],
  markers: project => sdkMarkers(project, /\.Sdk\.Web$/i),
  layout: dotnetLayout,
}

const blazor: Framework = {
  id: 'blazor',
  label: 'Blazor',
  family: 'platform',
  kind: 'full-stack',
  language: 'csharp',
  port: 5000,
  beats: ['aspnetcore', 'dotnet'],
  variants: ['server', 'webassembly'],
  markers(project) {
    const found = project.fact(blazorOf)
    return found === null ? [] : [marker(found.file, found.what, 'certain')]
  },
  variant: project => project.fact(blazorOf)?.variant ?? null,
  layout(project, variant) {
    const layout = dotnetLayout(project)
    const components = project.isFolder('Components') ? 'Components/' : ''
    return { ...layout, source: variant === 'server' ? components : '' }
  },
}

const dotnet: Framework = {
  id: 'dotnet',
  label: '.NET',
  family: 'general',
  kind: 'back-end',
  language: 'csharp',
  port: 5000,
  beats: [],
  markers(project) {
    const own = project.fact(projectFiles).filter(({ sdk }) => !/Web|Blazor/i.test(sdk))
    const others = project.files('', /\.(fs|vb)proj$/i)
    const solutions = project.files('', /\.(sln|slnx)$/i)
    return [
      ...own.slice(0, 3).map(({ file, sdk }) => marker(file, `Sdk ${sdk || 'of an older form'}`, 'strong')),
      // Ours is C#; a solution only lists projects.
      ...others.slice(0, 3).map(file => marker(file, 'is no C#', 'weak')),
      ...when(solutions.length > 0, joined(solutions[0] ?? ''), 'lists projects', 'weak'),
    ]
  },
  layout: dotnetLayout,
}

export const dotnetFrameworks: readonly Framework[] = [blazor, aspnetcore, dotnet]
