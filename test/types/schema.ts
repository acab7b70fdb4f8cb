/** Any Standard Schema is a schema of ours. Compiled, never run. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { connect, type Schema } from 'holdfast'
import { createServer } from 'holdfast/server'
import * as v from 'valibot'

export const standard = (schema: StandardSchemaV1): Schema => schema

export const accepted = (schema: StandardSchemaV1<string, number>): void => {
  connect('/live', { schema: { said: schema, closing: v.undefined() } })
  createServer({ schema: { say: schema, cursor: v.object({ x: v.number() }) } })
  // @ts-expect-error a parser of another kind is none
  connect('/live', { schema: { said: { parse: String } } })
}
