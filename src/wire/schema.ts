import { HoldfastError } from '../kernel/errors.ts'

/**
 * The part of a Standard Schema (https://standardschema.dev, version 1) that is used here: zod, valibot, arktype and
 * others have it. Only synchronous validation keeps messages in order.
 */
export interface Schema {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
  }
}

interface SchemaResult {
  readonly value?: unknown
  readonly issues?: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] | undefined
}

/** One schema for each name whose incoming data is to be checked. */
export type Schemas = { readonly [name: string]: Schema }

const at = (path: readonly unknown[] | undefined): string =>
  (path ?? [])
    .map((step) => String(typeof step === 'object' && step ? (step as { key?: unknown }).key : step))
    .join('.')

/** The checked (and perhaps transformed) data. Throws `invalid-payload` naming what is wrong where. */
export const check = (schemas: Schemas | undefined, name: string, data: unknown): unknown => {
  if (!schemas || !Object.hasOwn(schemas, name)) return data
  const result = schemas[name]!['~standard'].validate(data)
  if ('then' in result)
    throw new HoldfastError(
      'invalid-option',
      `The schema of "${name}" is asynchronous. Use a synchronous one: messages arrive in order.`,
    )
  if (!result.issues) return result.value
  const issues = result.issues.map(({ message, path }) => [at(path), message].filter(Boolean).join(': '))
  throw new HoldfastError('invalid-payload', `The data of "${name}" does not fit its schema: ${issues.join('; ')}`)
}
