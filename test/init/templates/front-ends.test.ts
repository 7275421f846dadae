import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rewrite, writtenProject } from './written-project.ts'

const put = (root: string, path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const ANDROID = 'android/app/src/main/AndroidManifest.xml'
const MANIFEST = `<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application android:label="App">
    </application>
    <uses-permission android:name="android.permission.INTERNET" />
</manifest>
`
const PLIST =
  '<plist version="1.0">\n<dict>\n\t<key>CFBundleName</key>\n\t<string>App</string>\n</dict>\n</plist>\n'

/** A project of Vite in JavaScript, its first files in another folder than TypeScript has them. */
const toJavaScript =
  (...names: string[]) =>
  (root: string) => {
    rmSync(join(root, 'tsconfig.json'))
    rewrite(root, 'package.json', json => json.replace(/\s*"typescript": "[^"]*",/, ''))
    for (const name of names) renameSync(join(root, `src/${name}.tsx`), join(root, `src/${name}.jsx`))
    rewrite(root, 'index.html', html => html.replace('.tsx', '.jsx'))
  }

describe('vapi init in front ends', () => {
  it.each([
    ['preact', ['main', 'app'], "from 'preact/hooks'"],
    ['solid', ['index', 'App'], "from 'solid-js'"],
  ])('writes the button of %s in JavaScript too', async (template, names, from) => {
    const { text } = await writtenProject(template, { prepare: toJavaScript(...names) })
    const button = text('src/components/VapiButton.jsx')
    expect(button).toContain(from)
    expect(button).toContain('aria-live="polite"')
    expect(text('src/lib/vapi-config.js')).not.toContain(' as ')
  })

  it('takes the packages of the second Qwik where they are', async () => {
    const { text } = await writtenProject('qwik', {
      prepare: root =>
        rewrite(root, 'package.json', json =>
          json
            .replace('@builder.io/qwik-city', '@qwik.dev/router')
            .replace('@builder.io/qwik', '@qwik.dev/core'),
        ),
    })
    expect(text('src/components/VapiButton.tsx')).toContain("} from '@qwik.dev/core';")
    expect(text('src/routes/api/vapi/webhook/index.ts')).toContain("from '@qwik.dev/router';")
    expect(text('src/lib/vapi-config.ts')).toContain('import.meta.env.PUBLIC_VAPI_PUBLIC_KEY')
  })

  it('keeps both environments of Gatsby out of the repository', async () => {
    const { text } = await writtenProject('gatsby')
    expect(text('.gitignore')).toBe('.env.development\n.env.production\n')
    expect(text('.env.example')).toContain('GATSBY_VAPI_PUBLIC_KEY=\n')
  })

  it('leaves Remix without Vite the values to fill in: its compiler gives the page no environment', async () => {
    const { report, text } = await writtenProject('remix', {
      prepare: root => rmSync(join(root, 'vite.config.ts')),
    })
    expect(report.variant).toBe('classic')
    expect(text('app/lib/vapi-config.ts')).toContain("publicKey: ''")
  })

  it.each(['ionic-react', 'ionic-vue', 'ionic-angular'])(
    'asks for the microphone in the apps of %s',
    async id => {
      const { report, text } = await writtenProject(id, {
        prepare: root => {
          put(root, ANDROID, MANIFEST)
          put(root, 'ios/App/App/Info.plist', PLIST)
        },
      })
      expect(report.byHand).toEqual([])
      expect(text(ANDROID)).toContain(
        '    <uses-permission android:name="android.permission.MODIFY_AUDIO_SETTINGS" />\n    <application',
      )
      expect(text('ios/App/App/Info.plist')).toContain('<dict>\n\t<key>NSMicrophoneUsageDescription</key>\n')
      expect(report.warnings.join()).not.toMatch(/Android|iOS/)
    },
  )

  it('puts the widget at the end of a page, once', async () => {
    const { report, text } = await writtenProject('vanilla.html')
    const page = text('index.html')
    expect(report.installs).toEqual([])
    expect(
      page.match(
        /<vapi-widget\s[^>]*>\s*<\/vapi-widget>\s*<script src="https:[^"]*"[^>]*><\/script>\s*<\/body>/g,
      ),
    ).toHaveLength(1)
    expect(page).toMatch(/public-key="YOUR_PUBLIC_KEY"\s+assistant-id="YOUR_ASSISTANT_ID"\s+mode="voice"/)
    // A version, so that nobody else's next one runs on this page.
    expect(page).toMatch(/@vapi-ai\/client-sdk-react@\d+\.\d+\.\d+\//)
  })
})

describe('vapi init in mobile applications', () => {
  it('gives React Native its own SDK, and the permissions of calls', async () => {
    const { text } = await writtenProject('react-native')
    const call = text('lib/vapi-call.ts')
    expect(call).toContain("await import('@vapi-ai/react-native')")
    expect(call).not.toContain('@vapi-ai/web')
    expect(text(ANDROID)).toContain(
      '    <uses-permission android:name="android.permission.POST_NOTIFICATIONS" />\n    <application',
    )
    expect(text(ANDROID)).toMatch(/foregroundServiceType="microphone" \/>\n {4}<\/application>/)
    expect(text('ios/App/Info.plist').match(/<key>\w+<\/key>/g)).toEqual([
      '<key>UIBackgroundModes</key>',
      '<key>NSCameraUsageDescription</key>',
      '<key>NSMicrophoneUsageDescription</key>',
      '<key>CFBundleName</key>',
    ])
  })

  it.each([
    ['~52.0.0', '^10.0.0', '0.0.8'],
    ['~53.0.0', '^12.0.0', '0.0.9'],
    ['~54.0.0', '^13.0.0', '0.0.11'],
    ['~55.0.0', '^14.0.0', '0.0.12'],
  ])('takes the plugins that are made for Expo %s', async (expo, webrtc, daily) => {
    const { report } = await writtenProject('expo', {
      prepare: root => rewrite(root, 'package.json', json => json.replace('~54.0.0', expo)),
    })
    expect(report.installs[0]?.command).toEqual(
      expect.arrayContaining([
        `@config-plugins/react-native-webrtc@${webrtc}`,
        `@daily-co/config-plugin-rn-daily-js@${daily}`,
      ]),
    )
  })

  it('adds to the configuration of Expo, beside what is there', async () => {
    const { text } = await writtenProject('expo', {
      prepare: root =>
        rewrite(root, 'app.json', json =>
          json.replace('"slug": "app",', '"slug": "app",\n    "plugins": ["expo-router"],'),
        ),
    })
    expect(JSON.parse(text('app.json')).expo).toMatchObject({
      plugins: [
        'expo-router',
        '@config-plugins/react-native-webrtc',
        ['@daily-co/config-plugin-rn-daily-js', { enableCamera: false }],
      ],
      ios: {
        bundleIdentifier: 'com.example.app',
        infoPlist: {
          NSMicrophoneUsageDescription: 'You talk to the assistant.',
          UIBackgroundModes: ['voip'],
        },
      },
    })
    expect(text('lib/vapi-config.ts')).toContain('process.env.EXPO_PUBLIC_VAPI_PUBLIC_KEY')
  })

  it('tells what belongs into a configuration of Expo that is code', async () => {
    const { report, text } = await writtenProject('expo', {
      prepare: root => {
        rmSync(join(root, 'app.json'))
        put(root, 'app.config.ts', "export default { name: 'App', slug: 'app' };\n")
      },
    })
    expect(report.byHand).toEqual([
      expect.objectContaining({ path: 'app.config.ts', text: expect.stringContaining("'voip'") }),
    ])
    expect(text('app.config.ts')).toBe("export default { name: 'App', slug: 'app' };\n")
  })
})
