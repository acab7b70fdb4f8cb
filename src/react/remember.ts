/** Remembers the last answer: what makes an object makes a new one only of a new value. */
export const remember = <A, B>(compute: (from: A) => B): ((from: A) => B) => {
  let last: { readonly from: A; readonly to: B } | undefined
  return (from) => {
    if (!last || last.from !== from) last = { from, to: compute(from) }
    return last.to
  }
}
