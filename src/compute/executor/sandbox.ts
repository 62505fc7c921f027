/**
 * What surrounds the processes of one execution environment: its file system, its network, its process ids. It outlives a runtime that
 * crashes: the next one finds `/tmp` as it was.
 */
import type { Place } from '../compute.ts'
import type { Launch, RuntimeProcess } from './runtime-process.ts'

export interface Sandbox {
  /** Its network; absent: that of the machine. */
  readonly place: Place | undefined
  /** The names that the parts of a function have inside. */
  readonly view: View
  /** Puts a function into it, once; before its runtime is told. */
  furnish(furniture: Furniture): Promise<void>
  start(launch: Launch): Promise<RuntimeProcess>
  /** Once its runtime has been stopped: makes room for the next. False when the sandbox itself has ended. */
  clear(): Promise<boolean>
  /** Ends it and everything in it, and removes what it left. Harmless when repeated. */
  close(): Promise<void>
}

/** Where things are, as a function sees them. */
export interface View {
  /** Otherwise it sees the machine's. */
  readonly hasOwnRoot: boolean
  readonly nodeProgram: string
  readonly pythonProgram: string
  /** The Node.js that we ourselves are. */
  readonly node: string
  task(codeDirectory: string): string
  layers(layersDirectory: string): string
  /** Undefined: it is `/tmp`, and nothing has to be said. */
  readonly temporaryDirectory: string | undefined
}

export interface Furniture {
  readonly codeDirectory: string
  /** All layers as one folder; undefined when there is none. */
  readonly layersDirectory: string | undefined
  readonly ephemeralStorageMb: number
  /** What an interpreter other than our own needs. */
  readonly fittings: readonly Fitting[]
}

/** A file or folder of the machine, and where it is to be seen. */
export interface Fitting {
  readonly source: string
  readonly target: string
}
