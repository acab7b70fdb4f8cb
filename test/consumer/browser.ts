// A page's code, as a strict project without Node's types would have it.
import * as holdfast from 'holdfast'
import * as inspector from 'holdfast/inspector'
import * as msgpack from 'holdfast/msgpack'
import * as store from 'holdfast/store'
import * as testing from 'holdfast/testing'
import * as websocket from 'holdfast/websocket'
import * as wire from 'holdfast/wire'

export const entries: readonly object[] = [holdfast, inspector, msgpack, store, testing, websocket, wire]
