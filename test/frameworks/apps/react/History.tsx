import { useRequest } from './live.ts'

export function History({ room }: { readonly room: string }) {
  const { data, error, pending, refetch } = useRequest('history', { room })
  return (
    <section>
      <h2>Earlier</h2>
      {error instanceof Error && <p role="alert">{error.message}</p>}
      {data ? (
        <ul>
          {data.map(({ from, text }, index) => (
            <li key={index}>
              {from}: {text}
            </li>
          ))}
        </ul>
      ) : (
        <p>Loading…</p>
      )}
      <button type="button" disabled={pending} onClick={() => void refetch()}>
        Reload
      </button>
    </section>
  )
}
