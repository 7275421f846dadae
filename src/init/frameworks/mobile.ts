import { isObject } from '../../is-object.ts'
import type { Project } from '../project.ts'
import { readNode } from './facts/node.ts'
import { bundlerOf, htmlEntry, pageEntries, scriptLayout } from './facts/web.ts'
import { angularLayout, angularVariant } from './front-end.ts'
import { dependency, type Framework, isSaid, present, when } from './row.ts'

/** Where an application says what Android lets it do. */
const ANDROID_MANIFEST = 'android/app/src/main/AndroidManifest.xml'

/** Where an application says what iOS lets it do: a folder by its name, `App/App` where Capacitor made it. */
function infoPlist(project: Project): string | null {
  const folders = project.sourceFolders('ios').map(name => `ios/${name}/Info.plist`)
  return project.first('ios/App/App/Info.plist', ...folders)
}

/** The platforms that have a file for what an application may do. */
function platformsOf(project: Project): string[] {
  return [
    ...(project.isFile(ANDROID_MANIFEST) ? ['android'] : []),
    ...(infoPlist(project) !== null ? ['ios'] : []),
  ]
}

const bothPlatforms = (project: Project) => project.isFolder('android') && project.isFolder('ios')

/** Where Expo is configured: app.json with its key, or a configuration that is code. */
function expoConfiguration(project: Project): string | null {
  const code = project.first('app.config.ts', 'app.config.js', 'app.config.mjs', 'app.config.cjs')
  if (code !== null) return code
  return isObject(project.json('app.json')?.expo) ? 'app.json' : null
}

const expo: Framework = {
  id: 'expo',
  label: 'Expo',
  family: 'mobile',
  kind: 'mobile',
  language: 'script',
  port: null,
  beats: ['react-native'],
  variants: ['managed', 'prebuilt'],
  markers(project) {
    const { scripts, manifest } = project.fact(readNode)
    const configuration = expoConfiguration(project)
    // A bare application may use single modules of Expo.
    const started =
      Object.values(scripts).some(script => /\bexpo (start|run|export|prebuild)\b/.test(script)) ||
      manifest.main === 'expo-router/entry'
    const named = dependency(project, 'expo', configuration !== null || started ? 'strong' : 'weak')
    return [
      ...when(named.length > 0 && configuration !== null, configuration, 'configures Expo', 'certain'),
      ...named,
      ...dependency(project, 'expo-router', 'strong'),
      ...present(project, ['eas.json'], 'weak'),
    ]
  },
  variant: project => (bothPlatforms(project) ? 'prebuilt' : 'managed'),
  layout(project) {
    const routes = project.first(...pageEntries('src/app/_layout', 'app/_layout'))
    const entry = routes ?? project.first(...pageEntries('App', 'src/App', 'index'))
    const source = entry?.startsWith('src/') === true || project.isFolder('src') ? 'src/' : ''
    const layout = scriptLayout(project, { framework: 'expo', port: null, entry, jsx: true, source })
    const configuration = expoConfiguration(project)
    const traits = [
      ...layout.traits,
      ...(project.isFolder('android') || project.isFolder('ios') ? ['prebuilt'] : []),
      ...(configuration !== null && configuration !== 'app.json' ? ['dynamic-config'] : []),
    ]
    return { ...layout, traits, registerIn: configuration, bundler: 'metro' }
  },
}

const reactNative: Framework = {
  id: 'react-native',
  label: 'React Native',
  family: 'mobile',
  kind: 'mobile',
  language: 'script',
  port: null,
  beats: [],
  variants: ['bare'],
  markers(project) {
    const { scripts } = project.fact(readNode)
    const named = dependency(project, 'react-native', 'strong')
    const tools = project.first('metro.config.js', 'react-native.config.js', 'metro.config.ts')
    const run = Object.values(scripts).some(script => /\breact-native (run|start)/.test(script))
    const platforms = project.isFolder('android') || project.isFolder('ios')
    if (named.length === 0 || isSaid(named, 'weak')) return named
    // Web applications have it too, for components that they share with a mobile one.
    if (!platforms && tools === null && !run && !project.isFile('app.json'))
      return named.map(found => ({ ...found, weight: 'weak' }))
    const bare = bothPlatforms(project) && expoConfiguration(project) === null
    return [
      ...when(bare, 'android', 'android and ios are part of the project', 'certain'),
      ...named,
      ...when(tools !== null, tools, 'is there', 'strong'),
    ]
  },
  variant: () => 'bare',
  layout(project) {
    const entry = project.first(...pageEntries('App', 'src/App', 'app/App', 'index'))
    const source = entry?.startsWith('src/') === true || project.isFolder('src') ? 'src/' : ''
    const layout = scriptLayout(project, { framework: 'react-native', port: null, entry, jsx: true, source })
    const traits = [...layout.traits, ...platformsOf(project)]
    return { ...layout, traits, registerIn: infoPlist(project), bundler: 'metro' }
  },
}

/** One row for each of the frameworks that Ionic is used with. */
function ionic(of: 'angular' | 'react' | 'vue', label: string): Framework {
  const name = `@ionic/${of}`
  return {
    id: `ionic-${of}`,
    label: `Ionic ${label}`,
    family: 'mobile',
    kind: 'mobile',
    language: 'script',
    port: 8100,
    beats: [],
    ...(of === 'angular'
      ? { variants: ['standalone', 'ngmodule'] }
      : { variants: ['vite', 'cra', 'vue-cli'] }),
    markers(project) {
      const type = project.json('ionic.config.json')?.type
      const configured = typeof type === 'string' && type.replace(/-(standalone|vite)$/, '') === of
      return [
        ...dependency(project, name, 'certain'),
        ...when(configured, 'ionic.config.json', `type ${String(type)}`, 'strong'),
      ]
    },
    variant(project) {
      if (of === 'angular') return angularVariant(project)
      const node = project.fact(readNode)
      if (node.dependency('react-scripts') !== null) return 'cra'
      return node.dependency('@vue/cli-service') !== null ? 'vue-cli' : project.fact(bundlerOf)
    },
    layout(project) {
      const platforms = platformsOf(project)
      if (of === 'angular') {
        const layout = angularLayout(project)
        return { ...layout, port: 8100, traits: [...layout.traits, ...platforms] }
      }
      const entry = project.fact(htmlEntry) ?? project.first(...pageEntries('src/main', 'src/index'))
      const component = of === 'vue' ? { component: 'vue' } : { jsx: true }
      const layout = scriptLayout(project, {
        framework: name,
        port: 8100,
        entry,
        source: 'src/',
        ...component,
      })
      return { ...layout, traits: [...layout.traits, ...platforms] }
    },
  }
}

const flutter: Framework = {
  id: 'flutter',
  label: 'Flutter',
  family: 'flutter',
  kind: 'mobile',
  language: 'dart',
  port: null,
  beats: [],
  markers(project) {
    const dependencies = project.yaml('pubspec.yaml')?.dependencies
    const own = isObject(dependencies) ? dependencies.flutter : null
    return [
      ...when(
        isObject(own) && own.sdk === 'flutter',
        'pubspec.yaml',
        'dependency flutter of the SDK',
        'certain',
      ),
    ].flatMap(found => [found, ...present(project, ['lib/main.dart'], 'strong')])
  },
  layout(project) {
    const name = project.yaml('pubspec.yaml')?.name
    return {
      source: 'lib/',
      entry: project.first('lib/main.dart'),
      extension: 'dart',
      manifest: 'pubspec.yaml',
      application: typeof name === 'string' ? name : null,
    }
  },
}

/** In this order they are listed; which one yields is said by `beats` and the families. */
export const mobileFrameworks: readonly Framework[] = [
  flutter,
  ionic('angular', 'Angular'),
  ionic('react', 'React'),
  ionic('vue', 'Vue'),
  expo,
  reactNative,
]
