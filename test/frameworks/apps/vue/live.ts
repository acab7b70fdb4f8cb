import { connect, share } from 'holdfast'
import { createHooks } from 'holdfast/vue'
import type { Chat } from '../contract.ts'

const live = share(() => connect<Chat>('/live', { backoff: { max: 500 } }))

export const { useEvent, useLatest, useRequest, useSocket, useStatus, useStream } = createHooks(live)
