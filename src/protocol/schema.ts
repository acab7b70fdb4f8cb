import { HoldfastError } from '../kernel/errors.ts'

/**
 * The part of a Standard Schema (https://standardschema.dev, version 1) that is used here: zod, valibot, arktype and
 * others have it. Only synchronous validation keeps messages in order.
 */
export interface Schema {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult | PromiseLike<SchemaResult>
  }
}

interface SchemaResult {
  readonly value?: unknown
  readonly issues?: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] | undefined
}

/** One schema for each name whose incoming data is to be checked. */
export type Schemas = { readonly [name: string]: Schema }

/** The checked (and perhaps transformed) data. Throws `invalid-payload` naming what is wrong where. */
export const validate = (schemas: Schemas | undefined, name: string, data: unknown): unknown => {
  if (!schemas || !Object.hasOwn(schemas, name)) return data
  let why = 'it must not be asynchronous'
  let cause: unknown
  try {
    const result = schemas[name]!['~standard'].validate(data)
    if ('then' in result) void result.then(undefined, () => {})
    else {
      if (!result.issues) return result.value
      why = result.issues
        .map(({ path = [], message }) =>
          [...path.map((step) => (step as { key?: unknown }).key ?? step), message].join(': '),
        )
        .join('; ')
    }
  } catch (error) {
    // What it threw is not for the other side to read.
    why = 'it threw'
    cause = error
  }
  throw new HoldfastError('invalid-payload', `"${name}" does not fit its schema: ${why}`, cause)
}
