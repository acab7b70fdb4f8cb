/** The public names of `holdfast/inspector`. docs/inspector.md */
export { defineInspector } from './element.ts'
export type { HoldfastInspector } from './element.ts'
export { createRecording, readRecording } from './recording.ts'
export type { Recording, RecordingOptions } from './recording.ts'
export type { Attempt, Direction, Frame, History, Sample, Stage, Total } from './history.ts'
export type { FrameKind } from './frames.ts'
