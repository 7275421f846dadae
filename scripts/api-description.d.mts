import type { ApiDescription } from '../src/mcp/content/api-description.ts'

export function apiDescription(): Promise<ApiDescription>
