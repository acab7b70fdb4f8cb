/** For a script tag: the element is there, and the functions are under one name. */
import { defineInspector } from './element.ts'

export * from './index.ts'

defineInspector()
