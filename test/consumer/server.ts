// A server's code, and both sides in one program.
import * as holdfast from 'holdfast'
import * as msgpack from 'holdfast/msgpack'
import * as server from 'holdfast/server'
import * as testing from 'holdfast/testing'

export const entries: readonly object[] = [holdfast, msgpack, server, testing]
