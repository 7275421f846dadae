import type { PromptMessage, Rubric } from '../../assistant/analysis.ts'

/** What is asked where the configuration brings no messages of its own. Templates as in the configuration's. */
const transcript = 'The call ended with “{{endedReason}}”. Its transcript:\n\n{{transcript}}'

export const defaultPrompts: Readonly<Record<'summary' | 'data' | 'success' | 'output', PromptMessage[]>> = {
  summary: [
    {
      role: 'system',
      content:
        'You write notes about telephone calls. Say in two or three sentences what the call was about and what came of it. Write the notes and nothing beside them.',
    },
    { role: 'user', content: transcript },
  ],
  data: [
    {
      role: 'system',
      content:
        'You take data out of telephone calls. Answer with one JSON value that fits this JSON Schema, and nothing beside it. Leave out what the call does not tell.\n\n{{schema}}',
    },
    { role: 'user', content: transcript },
  ],
  success: [
    {
      role: 'system',
      content:
        'You judge whether a telephone call has reached what the assistant’s instructions aim at. Answer by this scale, and with nothing beside the result.\n\n{{rubric}}',
    },
    { role: 'user', content: 'The assistant’s instructions:\n\n{{systemPrompt}}' },
    { role: 'user', content: transcript },
  ],
  output: [
    {
      role: 'system',
      content:
        'You take “{{structuredOutput.name}}” out of a telephone call. {{structuredOutput.description}}\nAnswer with one JSON value that fits this JSON Schema, and nothing beside it.\n\n{{schema}}',
    },
    { role: 'user', content: transcript },
  ],
}

/** The scales as models are told them. */
export const rubricTexts: Readonly<Record<Rubric, string>> = {
  NumericScale: 'A whole number from 1 (worst) to 10 (best).',
  DescriptiveScale: 'One of the words Excellent, Good, Fair, Poor.',
  Checklist: 'A list of criteria with, for each, whether it was met.',
  Matrix: 'A table of several criteria, each rated on levels of performance.',
  PercentageScale: 'A percentage from 0% to 100%.',
  LikertScale:
    'One of Strongly Agree, Agree, Neutral, Disagree, Strongly Disagree, for: the call reached its aim.',
  AutomaticRubric: 'Choose fitting criteria yourself and give each a score of its own.',
  PassFail: 'true where the call reached its aim, false where it did not.',
}
