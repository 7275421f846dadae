export interface SourceIds {
  named: { id: string; file: string }[]
  plain: Set<string>
  mentioned: Set<string>
}

export interface TestResults {
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { title: string; status: string }[]
  }[]
}

export const OWN_TEST: string
export function readSources(folder: string): { file: string; text: string }[]
export function idsInSources(sources: readonly { file: string; text: string }[]): SourceIds
export function outcomesOf(results: TestResults): Map<string, 'holds' | 'fails'>
