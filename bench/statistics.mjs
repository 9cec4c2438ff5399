/** The middle one; the mean of the two middle ones when there is none. */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const summary = (values) => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
  rounds: values.length,
})

/**
 * A figure, and what it is compared with.
 * @param figure { what, unit, values, rate, beside: [{ name, values, aim }] }; with `rate` more is better
 */
export const judged = (figure) => {
  const own = summary(figure.values)
  const beside = (figure.beside ?? []).map(({ name, values, aim }) => {
    const other = summary(values)
    const ratio =
      own.median === other.median ? 1 : figure.rate ? other.median / own.median : own.median / other.median
    return {
      name,
      ...other,
      ratio,
      ...(aim === undefined ? {} : { aim, verdict: ratio <= aim ? 'ok' : 'over' }),
    }
  })
  return { what: figure.what, unit: figure.unit, ...own, beside }
}
