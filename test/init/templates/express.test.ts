import { describe, expect, it } from 'vitest'
import { rewrite, typeErrors, writtenProject } from './written-project.ts'

describe('vapi init in an Express project', () => {
  it('compiles with the strictest TypeScript as an ES module', async () => {
    const { root, report, text } = await writtenProject('express')
    expect(report.byHand).toEqual([])
    expect(text('src/index.ts')).toContain(
      "} from 'node:http';\nimport { vapiRouter } from './vapi/router.js';\n\nconst app = express();\napp.use('/api/vapi', vapiRouter);\n",
    )
    expect(typeErrors(root)).toBe('')
  })

  it('compiles as CommonJS', async () => {
    const common = await writtenProject('express', {
      prepare: folder => {
        rewrite(folder, 'package.json', text => text.replace('"type": "module",', ''))
        rewrite(folder, 'tsconfig.json', text =>
          text
            .replace('"module": "nodenext"', '"module": "commonjs", "esModuleInterop": true')
            .replace(/,\s*"verbatimModuleSyntax": true/, ''),
        )
      },
    })
    expect(common.text('src/vapi/router.ts')).toContain("from './vapi-webhook';")
    expect(typeErrors(common.root)).toBe('')
  })

  it('calls the application as the project does', async () => {
    const { report, text } = await writtenProject('express', {
      prepare: root => rewrite(root, 'src/index.ts', code => code.replace('const app =', 'const api =')),
    })
    expect(report.byHand).toEqual([])
    expect(text('src/index.ts')).toContain("= express();\napi.use('/api/vapi', vapiRouter);\n")
  })

  it('says what is to be added by hand where the application is made in another way', async () => {
    const { report, text } = await writtenProject('express', {
      prepare: root =>
        rewrite(root, 'src/index.ts', code => code.replace('= express()', '= createApplication()')),
    })
    expect(report.byHand).toMatchObject([{ path: 'src/index.ts', text: "app.use('/api/vapi', vapiRouter);" }])
    expect(text('src/index.ts')).not.toContain('vapiRouter);')
  })
})
