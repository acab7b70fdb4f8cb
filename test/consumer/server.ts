// A server's code, and both sides in one program.
import * as holdfast from 'holdfast'
import * as server from 'holdfast/server'
import * as testing from 'holdfast/testing'

export const entries: readonly object[] = [holdfast, server, testing]
