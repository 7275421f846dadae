export function writePages(folder: string): Promise<void>
