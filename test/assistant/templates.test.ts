import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { listTemplates, loadTemplate, readTemplate } from '../../src/assistant/templates.ts'
import { loadValidator } from '../../src/assistant/validate/validate.ts'
import { parseScenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import { packageFile } from '../../src/package-root.ts'

const templates = await listTemplates()
const validator = await loadValidator()

/** The guides of the platform's documentation, in its order (specification: Guides), without the one on its own command. */
const guides = [
  'Appointment Scheduling',
  'Medical Triage & Scheduling',
  'Ecommerce Order Management',
  'Property Management',
  'Lead Qualification',
  'Multilingual Support (Structured)',
  'Dynamic Multilingual Agent',
  'Support Escalation',
  'Docs Agent',
  'Inbound Support',
  'Voice Widget',
]

describe('the assistant templates', () => {
  it('are one for each guide, in the guides’ order', () => {
    expect(templates.map(({ guide }) => guide)).toEqual(guides)
  })

  it('are all files of their folders', () => {
    const ids = templates.map(({ id }) => `${id}.yaml`)
    expect(readdirSync(packageFile('templates', 'assistant')).sort()).toEqual([...ids, 'index.yaml'].sort())
    const squads = templates.filter(({ squad }) => squad).map(({ id }) => `${id}.yaml`)
    expect(readdirSync(packageFile('templates', 'squad')).sort()).toEqual(squads.sort())
    expect(squads.sort()).toEqual([
      'ecommerce-orders.yaml',
      'medical-triage.yaml',
      'multilingual-support.yaml',
      'property-management.yaml',
    ])
  })

  it.each(templates)('$id has nothing that validation would tell, not even a warning', async ({ id }) => {
    expect(validator.validate(await loadTemplate(id))).toEqual([])
  })

  it.each(templates.filter(({ squad }) => squad))('the squad $id neither', async ({ id }) => {
    const { configuration } = await readTemplate(id, 'squad')
    expect(validator.validate(configuration)).toEqual([])
  })

  it.each(templates)('$id has a system message, tools, a voice and a transcriber', async ({ id }) => {
    const configuration = await loadTemplate(id)
    expect(configuration).toMatchObject({
      model: { messages: [{ role: 'system' }], tools: expect.arrayContaining([{ type: 'endCall' }]) },
      voice: { provider: expect.any(String) },
      transcriber: { provider: expect.any(String) },
    })
  })

  it.each(templates)('$id answers a caller in a simulated call', async ({ id }) => {
    const scenario = parseScenario(
      {
        assistant: await loadTemplate(id),
        caller: [
          { after: 'assistant', plus: 0.5, say: 'Hello, I need some help.', lasts: 1.5 },
          { after: 'assistant', plus: 0.5, say: 'No, thank you. Goodbye.', lasts: 1.5 },
        ],
        model: [
          { reply: 'Of course. What is it about?' },
          { reply: 'Goodbye!', toolCalls: [{ name: 'endCall' }] },
        ],
        expect: [],
      },
      id,
    )
    const heard: string[] = []
    const { result } = await simulate(
      scenario,
      packageFile('templates', 'assistant', `${id}.yaml`),
      { semantics: 'documentation', variables: {}, epochMs: Date.parse('2026-01-05T09:00:00Z'), seed: 1 },
      {
        observation: observation => {
          if (observation.type === 'assistant.speech.started') heard.push(observation.text)
        },
      },
    )
    expect(result).toMatchObject({ failure: null, endedReason: 'assistant-ended-call' })
    expect(heard).toContain('Of course. What is it about?')
    expect(heard.join(' ')).not.toMatch(/\{\{|\{%/)
  })

  it('say what is near where there is no such template', async () => {
    await expect(loadTemplate('apointment-scheduling')).rejects.toMatchObject({
      exit: 5,
      hint: 'did you mean appointment-scheduling?',
    })
    await expect(readTemplate('voice-widget', 'squad')).rejects.toMatchObject({ exit: 5 })
  })
})
