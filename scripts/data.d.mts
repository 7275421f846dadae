export function writeData(folder: string): Promise<void>
export function sileroTensors(onnx: Uint8Array): { name: string; dims: number[]; values: Float32Array }[]
