/** @jsxImportSource solid-js */
import { Index, createSignal } from 'solid-js'
import { History } from './History.tsx'
import { Ticker } from './Ticker.tsx'
import { useEvent, useLatest, useSocket, useStatus } from './live.ts'

export function Chat() {
  const [room, setRoom] = createSignal('lobby')
  const [text, setText] = createSignal('')
  const [heard, setHeard] = createSignal(0)
  const [waiting, setWaiting] = createSignal(0)
  const socket = useSocket()
  const isOpen = useStatus(({ state }) => state === 'open')
  const said = useLatest('said', { history: 20 })
  useEvent('said', (line) => {
    if (line.room === room()) setHeard(heard() + 1)
  })

  const say = (event: SubmitEvent): void => {
    event.preventDefault()
    const { delivered } = socket().send('say', { room: room(), from: 'me', text: text() })
    setText('')
    setWaiting(waiting() + 1)
    void delivered.then(() => setWaiting(waiting() - 1))
  }

  return (
    <>
      <p role="status">{isOpen() ? 'Connected' : 'Connecting…'}</p>
      <label>
        Room{' '}
        <select value={room()} onChange={({ target }) => setRoom(target.value)}>
          <option>lobby</option>
          <option>attic</option>
          <option>cellar</option>
        </select>
      </label>
      <History room={room()} />
      <section>
        <h2>Now</h2>
        <ul>
          <Index each={said().filter((line) => line.room === room())}>
            {(line) => (
              <li>
                {line().from}: {line().text}
              </li>
            )}
          </Index>
        </ul>
        <p>
          Heard {heard()}, waiting {waiting()}
        </p>
        <form onSubmit={say}>
          <input aria-label="Message" value={text()} onInput={({ target }) => setText(target.value)} />
          <button>Send</button>
        </form>
      </section>
      <Ticker />
    </>
  )
}
